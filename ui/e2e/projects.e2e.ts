import { axe, expect, screenshots, test } from './fixtures';

test('cost centers, projects of them, and farms of those', async ({ page, server, asAdmin }) => {
  const dialog = page.getByRole('dialog');
  const field = (name: string) => dialog.getByRole('textbox', { name, exact: true });
  const { id: environment } = await asAdmin.post<{ id: number }>('/account/1/environments/', {
    name: 'Charged',
  });

  // Without a cost center there is no project, and it is said who can help.
  await page.goto(`${server.url}/environment-${environment}/projects`);
  await expect(page.getByText('No projects yet')).toBeVisible();
  await expect(page.getByText(/there is none yet: an administrator of the installation/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'New project' })).toHaveCount(0);
  await axe(page);
  await screenshots(page, 'projects-empty');
  await page.getByRole('link', { name: 'Cost centers', exact: true }).click();
  await expect(page.getByText('No cost centers yet')).toBeVisible();
  await expect(page.getByRole('button', { name: 'New cost center' })).toHaveCount(0);

  await page.getByRole('link', { name: 'Projects' }).click();
  await page.getByRole('link', { name: 'Open cost centers' }).click();
  await expect(page).toHaveURL(/\/global\/cost-centers$/);
  await axe(page);
  await screenshots(page, 'cost-centers-empty');
  await page.getByRole('button', { name: 'New cost center' }).first().click();
  await expect(field('Name')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Give the cost center a name.')).toBeVisible();
  await field('Name').fill('Research');
  await field('Billing code').fill('x'.repeat(256));
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('At most 255 characters.')).toBeVisible();
  await field('Billing code').fill('R-4711');
  await field('Lead email').fill('ada@example.org');
  await axe(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /Research/ })).toContainText('R-4711');
  await page.getByRole('button', { name: 'New cost center' }).click();
  await field('Name').fill('Research');
  await field('Description').fill('again');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('A cost center named "Research" exists already');
  await expect(field('Description')).toHaveValue('again');
  await field('Name').fill('Sales');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /Sales/ })).toBeVisible();
  await page.getByRole('button', { name: 'Edit Research' }).click();
  await field('Billing code').fill('');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /Research/ })).not.toContainText('R-4711');
  await axe(page);
  await screenshots(page, 'cost-centers');

  // A project of the account is seen in its environments, and changed in the account.
  await page.goto(`${server.url}/account-1/projects`);
  await page.getByRole('button', { name: 'New project' }).first().click();
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Give the project a name.')).toBeVisible();
  await expect(dialog.getByText('Choose a cost center.')).toBeVisible();
  await field('Name').fill('Apollo');
  await dialog.getByRole('combobox', { name: 'Cost center' }).click();
  await page.getByRole('option', { name: 'Research' }).click();
  await axe(page);
  await screenshots(page, 'project-new');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('row', { name: /Apollo/ })).toContainText('Research');
  await page.getByRole('button', { name: 'Edit Apollo' }).click();
  await expect(dialog.getByRole('combobox', { name: 'Cost center' })).toBeDisabled();
  await field('Lead email').fill('grace@example.org');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /Apollo/ })).toContainText('grace@example.org');
  await page.goto(`${server.url}/environment-${environment}/projects`);
  await expect(page.getByRole('row', { name: /Apollo/ })).toContainText('account');
  await expect(page.getByRole('button', { name: 'Edit Apollo' })).toHaveCount(0);
  await axe(page);
  await screenshots(page, 'projects');

  // A farm is made of it, and given another.
  await page.getByRole('link', { name: 'Farms', exact: true }).click();
  await page.getByRole('button', { name: 'New farm' }).first().click();
  await field('Name').fill('shop');
  await dialog.getByRole('combobox', { name: 'Project' }).click();
  await page.getByRole('option', { name: 'Apollo' }).click();
  await axe(page);
  await screenshots(page, 'farm-project');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText(/of the project Apollo\./)).toBeVisible();

  // An environment with a cost center has farms of its projects alone.
  await page.goto(`${server.url}/account-1/environments/${environment}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('combobox', { name: 'Cost center' }).click();
  await page.getByRole('option', { name: 'Sales' }).click();
  await axe(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('have projects of another cost center');
  await dialog.getByRole('combobox', { name: 'Cost center' }).click();
  await page.getByRole('option', { name: 'Research' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('cost center Research')).toBeVisible();
  const sales = (await asAdmin.get<{ id: string; name: string }[]>('/global/cost-centers/')).find(
    (it) => it.name === 'Sales',
  );
  await asAdmin.post('/account/1/projects/', { name: 'Gemini', costCenter: { id: sales?.id } });
  await page.goto(`${server.url}/environment-${environment}/farms`);
  await page.getByRole('button', { name: 'New farm' }).click();
  await dialog.getByRole('combobox', { name: 'Project' }).click();
  await expect(page.getByRole('option')).toHaveText(['None', 'Apollo']);
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await page.goto(`${server.url}/account-1/projects`);
  await page.getByRole('button', { name: 'Delete Gemini' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('row', { name: /Gemini/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Delete Apollo' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(dialog.getByRole('alert')).toContainText('is in use by farms');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(`${server.url}/environment-${environment}/farms`);
  await page.getByRole('link', { name: 'shop' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(dialog.getByRole('combobox', { name: 'Project' })).toHaveValue('Apollo');
  await dialog.getByRole('combobox', { name: 'Project' }).click();
  await page.getByRole('option', { name: 'None' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(/of the project/)).toHaveCount(0);
  await page.goto(`${server.url}/account-1/projects`);
  await page.getByRole('button', { name: 'Delete Apollo' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No projects yet')).toBeVisible();
});

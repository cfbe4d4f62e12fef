import { type Api, axe, expect, openstackBody, screenshots, test, vsphereBody } from './fixtures';

type Made = { id: string };

const add = (api: Api, body: object) => api.post<Made>('/account/1/cloud-credentials/', body);

test.describe('environments', () => {
  test('are made, found, renamed and deleted', async ({ page, server }) => {
    await page.goto(`${server.url}/account-1/environments`);
    await expect(page.getByRole('heading', { level: 1, name: 'Environments' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Default' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'environments');

    await page.getByRole('button', { name: 'New environment' }).click();
    const dialog = page.getByRole('dialog', { name: 'New environment' });
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await axe(page);
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Give the environment a name.')).toBeVisible();
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('x'.repeat(256));
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('At most 255 characters.')).toBeVisible();
    // What the server refuses is said, and nothing typed is lost.
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Default');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(
      'An environment named "Default" exists already in this account.',
    );
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Default');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Staging');
    await page.keyboard.press('Enter');

    await expect(page.getByRole('heading', { level: 1, name: 'Staging' })).toBeVisible();
    await expect(page.getByText('Environment Staging is created.')).toBeVisible();
    await expect(
      page.getByRole('region', { name: 'OpenStack' }).getByText(/No credentials are linked/),
    ).toBeVisible();
    await axe(page);

    await page.getByRole('button', { name: 'Edit' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit environment' });
    await edit.getByRole('textbox', { name: 'Name' }).fill('Pre-production');
    await edit.getByRole('radio', { name: 'Inactive' }).check();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Pre-production' })).toBeVisible();
    await expect(page.getByText(/, inactive, added/)).toBeVisible();

    await page.goto(`${server.url}/account-1/environments`);
    await page.getByRole('textbox', { name: 'Filter environments by name' }).fill('nothing like it');
    await expect(page.getByText('No environment is named like “nothing like it”')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('textbox', { name: 'Filter environments by name' })).toHaveValue(
      'nothing like it',
    );
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.getByRole('button', { name: 'Name' }).click();
    await expect(page).toHaveURL(/sort=-name/);
    await expect(page.getByRole('row').nth(1)).toContainText('Pre-production');

    await page.getByRole('link', { name: 'Pre-production' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page).toHaveURL(/\/account-1\/environments/);
    await expect(page.getByRole('link', { name: 'Pre-production' })).toHaveCount(0);
  });

  test('choose, replace and unlink the credentials of a cloud', async ({
    page,
    server,
    asAdmin,
    openstack,
    vcenter,
  }) => {
    const simulated = await vcenter();
    await add(asAdmin, openstackBody('lab', openstack));
    await add(asAdmin, openstackBody('lab-2', openstack));
    await add(asAdmin, vsphereBody('dc-east', simulated));
    const other = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Other' });

    await page.goto(`${server.url}/account-1/environments/1`);
    const card = page.getByRole('region', { name: 'OpenStack', exact: true });
    await card.getByRole('button', { name: 'Link OpenStack credentials' }).click();
    let picker = page.getByRole('dialog', { name: 'Select credentials for OpenStack' });
    await expect(picker.getByRole('listitem')).toHaveCount(2);
    // The place is in the address.
    await expect(page).toHaveURL(/pick=openstack/);
    await page.reload();
    picker = page.getByRole('dialog', { name: 'Select credentials for OpenStack' });
    await expect(picker.getByRole('link', { name: 'Add new credentials' })).toHaveAttribute(
      'href',
      /credentials\/new\?cloud=openstack&link=/,
    );
    await picker.getByRole('textbox', { name: 'Filter credentials by name' }).fill('-2');
    await expect(picker.getByRole('listitem')).toHaveCount(1);
    await picker.getByRole('textbox', { name: 'Filter credentials by name' }).fill('');
    await axe(page);
    await screenshots(page, 'cloud-picker');
    await picker.getByRole('button', { name: 'Link lab', exact: true }).click();

    await expect(card.getByRole('link', { name: 'lab', exact: true })).toBeVisible();
    await expect(card.getByText('active')).toBeVisible();
    // What the link makes available.
    await expect(card.getByRole('link', { name: 'RegionOne' })).toBeVisible();
    await expect(card.getByText('succeeded')).toBeVisible();
    const types = card.getByRole('row', { name: /RegionOne/ }).getByRole('cell');
    await expect(types.nth(2)).toHaveText(/^\d+$/);

    // In another environment the same credentials are marked as in use.
    await page.goto(`${server.url}/account-1/environments/${other.id}?pick=openstack`);
    const used = page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'Default' });
    await expect(used).toContainText('In use');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await page.goto(`${server.url}/account-1/environments/1`);
    await card.getByRole('button', { name: 'Replace OpenStack credentials' }).click();
    picker = page.getByRole('dialog');
    await expect(picker.getByText('linked here')).toBeVisible();
    await picker.getByRole('button', { name: 'Link lab-2' }).click();
    await expect(card.getByRole('link', { name: 'lab-2' })).toBeVisible();

    const vsphere = page.getByRole('region', { name: 'VMware vSphere', exact: true });
    await vsphere.getByRole('button', { name: 'Link VMware vSphere credentials' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Link dc-east' }).click();
    await expect(vsphere.getByRole('link', { name: 'DC0' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'environment');

    // With clouds it cannot be deleted, and the message says so.
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

    await card.getByRole('button', { name: 'Unlink' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click();
    await expect(card.getByText(/No credentials are linked/)).toBeVisible();
  });

  test('let teams in', async ({ page, server, asAdmin }) => {
    const role = await asAdmin.post<Made>('/account/1/acl-roles/', {
      name: 'Observers',
      baseRole: 'read-only',
    });
    await asAdmin.post('/account/1/teams/', { name: 'Operations', defaultAclRole: { id: role.id } });
    await page.goto(`${server.url}/account-1/environments/1?tab=teams`);
    await expect(page.getByText('No team has access to this environment')).toBeVisible();
    await axe(page);
    await page.getByRole('button', { name: 'Give a team access' }).click();
    const dialog = page.getByRole('dialog', { name: 'Give a team access' });
    await dialog.getByRole('button', { name: 'Give access' }).click();
    await expect(dialog.getByText('Choose a team.')).toBeVisible();
    await dialog.getByRole('combobox', { name: 'Team' }).click();
    await page.getByRole('option', { name: 'Operations' }).click();
    await axe(page);
    await dialog.getByRole('button', { name: 'Give access' }).click();
    const row = page.getByRole('row', { name: /Operations/ });
    await expect(row).toContainText('Observers');
    await expect(row).toContainText('by the team');
    await axe(page);
    await screenshots(page, 'environment-teams');
    await row.getByRole('button', { name: 'Withhold' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withhold' }).click();
    await expect(page.getByText('No team has access to this environment')).toBeVisible();
  });
});

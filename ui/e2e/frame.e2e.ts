import { axe, expect, login, screenshots, test } from './fixtures';

test.describe('frame', () => {
  test('the scope is always told and can be changed, and each scope has its pages', async ({
    page,
    server,
  }) => {
    await page.goto(`${server.url}/`);
    const pages = page.getByRole('navigation', { name: 'Pages of this scope' });
    const scope = page.getByRole('button', { name: /^Scope: / });
    await expect(scope).toContainText('Account');
    await expect(pages.getByRole('link', { name: 'Environments' })).toBeVisible();
    await axe(page);
    await scope.click();
    await page.getByRole('menuitem', { name: 'Scalr scope' }).click();
    await expect(scope).toContainText('Scalr scope');
    await expect(pages.getByRole('link', { name: 'Accounts' })).toBeVisible();
    await expect(pages.getByRole('link', { name: 'Environments' })).toHaveCount(0);
    await scope.click();
    await page.getByRole('menuitem', { name: /^Default Main/ }).click();
    await expect(page).toHaveURL(/\/environment-1/);
    await expect(pages.getByRole('link', { name: 'Inventory' })).toBeVisible();
    await expect(pages.getByText('Live')).toBeVisible();
  });

  test('the palette finds pages, scopes and objects by the keyboard alone', async ({
    page,
    server,
    asAdmin,
  }) => {
    await asAdmin.post('/account/1/environments/', { name: 'payments-prod' });
    await page.goto(`${server.url}/account-1`);
    // The keys are heard as soon as the frame stands.
    await expect(page.getByRole('button', { name: /^Scope: / })).toBeVisible();
    await page.keyboard.press('Control+k');
    const search = page.getByRole('textbox', { name: 'Find anything' });
    await expect(search).toBeFocused();
    await search.fill('payments');
    await expect(page.getByRole('button', { name: /payments-prod environment/ }).first()).toBeVisible();
    await axe(page);
    await screenshots(page, 'palette');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/environment-\d+/);
    await page.keyboard.press('Control+k');
    await search.fill('zzzz');
    await expect(page.getByText('Nothing has this in its name, address or id')).toBeVisible();
  });

  test('an address where nothing is says so', async ({ page, server }) => {
    await page.goto(`${server.url}/account-x/nothing`);
    await expect(page.getByRole('heading', { name: 'Nothing is at this address' })).toBeVisible();
    await page.getByRole('link', { name: 'Go to the start page' }).click();
    await expect(page.getByRole('button', { name: /^Scope: / })).toBeVisible();
  });

  test('dark and light are chosen and kept', async ({ page, server }) => {
    await page.goto(`${server.url}/account-1`);
    const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
    await page.getByRole('button', { name: /^You: / }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    await expect.poll(scheme).toBe('dark');
    await page.reload();
    await expect.poll(scheme).toBe('dark');
    await page.getByRole('button', { name: /^You: / }).click();
    await page.getByRole('menuitem', { name: 'As the system' }).click();
    await expect.poll(scheme).toBe('light');
    await screenshots(page, 'overview-account');
  });

  test('a server that restarts is found again', async ({ page, server }) => {
    await page.goto(`${server.url}/account-1`);
    const state = page.getByRole('navigation', { name: 'Pages of this scope' }).getByRole('status');
    await expect(state).toHaveText('Live');
    await server.stop();
    await expect(state).toHaveText('Server lost, trying again');
    await server.run();
    await expect(state).toHaveText('Live');
  });

  test('a session that ends asks for the password where one is', async ({ page, server, asAdmin }) => {
    await page.goto(`${server.url}/account-1`);
    await expect(page.getByText('Live')).toBeVisible();
    const sessions = await asAdmin.get<{ id: string; isCurrent: boolean }[]>('/profile/sessions/');
    for (const session of sessions.filter((it) => !it.isCurrent))
      await asAdmin.delete(`/profile/sessions/${session.id}/`);
    const question = page.getByRole('dialog', { name: 'Your session has ended' });
    await expect(question).toBeVisible();
    await axe(page);
    await question.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await page.keyboard.press('Enter');
    await expect(question.getByRole('alert')).toContainText('The email or the password is not right.');
    await question.getByRole('textbox', { name: 'Password' }).fill(server.admin.password);
    await page.keyboard.press('Enter');
    await expect(question).toBeHidden();
    await expect(page).toHaveURL(/\/account-1/);
    await expect(page.getByText('Live')).toBeVisible();
  });

  test('a change in one browser is seen in another', async ({ page, server, browser, asAdmin }) => {
    await page.goto(`${server.url}/account-1/environments`);
    const other = await (await browser.newContext()).newPage();
    await login(other, server);
    await other.goto(`${server.url}/account-1/environments`);
    await asAdmin.post('/account/1/environments/', { name: 'seen-by-both' });
    await expect(page.getByText('seen-by-both')).toBeVisible();
    await expect(other.getByText('seen-by-both')).toBeVisible();
    await other.context().close();
  });
});

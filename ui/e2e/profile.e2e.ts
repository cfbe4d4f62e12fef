import { axe, expect, listen, login, screenshots, test } from './fixtures';

const PASSWORD = 'correct horse battery';
const NEW_PASSWORD = 'staple battery horse';

test.describe('profile', () => {
  test('somebody sees who they are and changes name and password', async ({ server, browser, asAdmin }) => {
    const email = 'ada@example.org';
    const body = { email, name: 'Ada', password: PASSWORD };
    await asAdmin.post('/account/1/users/', body);
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    const said = listen(page);
    await login(page, server, email, PASSWORD);
    await page.goto(`${server.url}/profile`);
    await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible();
    await expect(page.getByText('account Main')).toBeVisible();
    await expect(page.getByText('ask an administrator to put you into a team')).toBeVisible();
    await axe(page);
    await screenshots(page, 'profile');

    await page.getByRole('button', { name: 'Change name' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill(' ');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Ada Lovelace');
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByText('Your name is changed')).toBeVisible();
    await expect(page.getByText('Ada Lovelace')).toBeVisible();

    // The other session ends with the new password, this one stays.
    const elsewhere = await (await browser.newContext()).newPage();
    await login(elsewhere, server, email, PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    const now = dialog.getByLabel('Current password');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await expect(dialog.getByText('Enter the password you have now')).toBeVisible();
    await expect(dialog.getByText('12 to 256 characters')).toBeVisible();
    await expect(now).toBeFocused();
    await axe(page);
    await now.fill('wrong');
    await dialog.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
    await dialog.getByLabel('New password again').fill('another');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Not the same as above')).toBeVisible();
    await dialog.getByLabel('New password again').fill(NEW_PASSWORD);
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('The current password is not right.');
    await now.fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByText('Your password is changed; your other sessions have ended')).toBeVisible();
    await page.reload();
    await expect(page.getByText('Ada Lovelace')).toBeVisible();
    await elsewhere.reload();
    await expect(elsewhere.getByRole('heading', { name: 'Log in to Stackyard' })).toBeVisible();
    await login(elsewhere, server, email, NEW_PASSWORD);
    await elsewhere.context().close();
    expect(said).toEqual([]);
    await page.context().close();
  });

  test('an API key is shown once and works no more when deleted', async ({ page, server }) => {
    await page.goto(`${server.url}/profile?tab=keys`);
    // The first start has made one for the administrator.
    await expect(page.getByText(server.admin.apiKeyId)).toBeVisible();
    await page.getByRole('button', { name: 'New API key' }).click();
    const dialog = page.getByRole('dialog', { name: 'New API key' });
    await dialog.getByLabel('Last day').fill('2020-01-01');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await expect(dialog.getByText('This day is over')).toBeVisible();
    await axe(page);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('backup script');
    await dialog.getByLabel('Last day').fill('');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const shown = page.getByRole('dialog', { name: 'The new API key' });
    await expect(shown.getByText('Secret key')).toBeVisible();
    const secret = (await shown.locator('code').nth(1).textContent()) ?? '';
    expect(secret.length).toBeGreaterThan(20);
    await axe(page);
    await page.keyboard.press('Escape');
    await expect(shown.getByRole('button', { name: 'Close' })).toBeDisabled();
    await shown.getByRole('checkbox', { name: 'I have stored it' }).check();
    await shown.getByRole('button', { name: 'Close' }).click();
    await expect(shown).toBeHidden();
    await expect(page.getByText(secret)).toHaveCount(0);
    const row = page.getByRole('row', { name: /backup script/ });
    await expect(row).toContainText('active');
    await axe(page);
    await screenshots(page, 'profile-keys');
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(row).toHaveCount(0);
  });

  test('a token works where it is limited to, until it is deleted', async ({ page, server, request }) => {
    await page.goto(`${server.url}/profile?tab=tokens`);
    await expect(page.getByText('No tokens')).toBeVisible();
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog', { name: 'New token' });
    await dialog.getByLabel('Last day').fill('2099-01-01');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await expect(dialog.getByText('At most a year from now', { exact: true })).toBeVisible();
    await dialog.getByLabel('Last day').fill('');
    await expect(dialog.getByText('At most a year from now', { exact: true })).toBeHidden();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Choose a day; every token expires')).toBeVisible();
    const soon = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
    await dialog.getByLabel('Last day').fill(soon);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('terraform');
    await dialog.getByRole('combobox', { name: 'Limited to' }).click();
    await page.getByRole('option', { name: 'environment Default (Main)' }).click();
    await axe(page);
    await dialog.getByRole('button', { name: 'Create' }).click();
    const shown = page.getByRole('dialog', { name: 'The new token' });
    const token = (await shown.locator('code').textContent()) ?? '';
    expect(token).toMatch(/^syt_/);
    await shown.getByRole('checkbox', { name: 'I have stored it' }).check();
    await shown.getByRole('button', { name: 'Close' }).click();
    const row = page.getByRole('row', { name: /terraform/ });
    await expect(row).toContainText('environment Default');
    await expect(row).toContainText(/in [67] days/);
    await axe(page);
    await screenshots(page, 'profile-tokens');

    const headers = { Authorization: `Bearer ${token}` };
    const ask = async (path: string) =>
      (await request.get(`${server.url}/api/v1beta0${path}`, { headers })).status();
    expect(await ask('/user/1/clouds/')).toBe(200);
    expect(await ask('/account/1/users/')).toBe(403);
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('No tokens')).toBeVisible();
    expect(await ask('/user/1/clouds/')).toBe(401);
  });

  test('other sessions are ended, and this one is marked', async ({ page, server, browser }) => {
    const elsewhere = await (await browser.newContext({ userAgent: 'Elsewhere/1.0' })).newPage();
    await login(elsewhere, server);
    await page.goto(`${server.url}/profile?tab=sessions`);
    await expect(page.getByRole('row', { name: /\(this one\)/ })).toHaveCount(1);
    await axe(page);
    await screenshots(page, 'profile-sessions');
    const row = page.getByRole('row', { name: /Elsewhere/ });
    await row.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await expect(row).toHaveCount(0);
    await elsewhere.getByRole('link', { name: 'Environments', exact: true }).click();
    await expect(elsewhere.getByRole('dialog', { name: 'Your session has ended' })).toBeVisible();
    await elsewhere.context().close();
    await page.getByRole('link', { name: /Back to the console/ }).click();
    await expect(page.getByRole('button', { name: /^Scope: / })).toBeVisible();
  });
});

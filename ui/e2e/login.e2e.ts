import { expect, listen, screenshots, test, axe } from './fixtures';

test.describe('login', () => {
  test('asks for what is missing and says what is wrong', async ({ browser, server }) => {
    const page = await (await browser.newContext()).newPage();
    const said = listen(page);
    await page.goto(`${server.url}/account-1/environments?q=prod`);
    await expect(page.getByRole('heading', { name: 'Log in to Stackyard' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'login');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByText('Enter your email')).toBeVisible();
    await expect(page.getByText('Enter your password')).toBeVisible();
    await page.getByRole('textbox', { name: 'Email' }).fill(server.admin.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('The email or the password is not right.');
    await expect(page.getByRole('textbox', { name: 'Email' })).toHaveValue(server.admin.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(server.admin.password);
    await page.keyboard.press('Enter');
    // Where they wanted to go.
    await expect(page).toHaveURL(/\/account-1\/environments\?q=prod/);
    // A reloaded page may change things: it is told the token against cross-site requests anew.
    await page.reload();
    await page.getByRole('button', { name: /^You: / }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await expect(page.getByRole('heading', { name: 'Log in to Stackyard' })).toBeVisible();
    await page.goto(`${server.url}/`);
    await expect(page.getByRole('heading', { name: 'Log in to Stackyard' })).toBeVisible();
    expect(said).toEqual([]);
    await page.context().close();
  });
});

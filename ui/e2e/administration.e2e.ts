import type { Page } from '@playwright/test';

import { another, type Api, axe, expect, login, screenshots, test } from './fixtures';

const PASSWORD = 'correct horse battery';

async function choose(page: Page, label: string, option: string) {
  await page.getByRole('dialog').getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function aclRole(api: Api, name: string): Promise<string> {
  const roles = await api.get<{ id: string; name: string }[]>('/account/1/acl-roles/');
  const role = roles.find((it) => it.name === name);
  if (!role) throw new Error(`no ACL role ${name}`);
  return role.id;
}

test.describe('accounts', () => {
  test('are made, renamed, found and deleted; one in use is kept', async ({ page, server, browser }) => {
    await page.goto(`${server.url}/global/accounts`);
    const other = await another(browser, server);
    await other.goto(`${server.url}/global/accounts`);
    await page.getByRole('button', { name: 'New account' }).click();
    const dialog = page.getByRole('dialog', { name: 'New account' });
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await axe(page);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Main');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(
      'An account named "Main" exists already in this installation.',
    );
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Main');
    await dialog
      .getByRole('textbox', { name: 'Name' })
      .fill('Research and development of the northern branch');
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    const row = page.getByRole('row', { name: /Research/ });
    await expect(row).toContainText('active');
    // Whoever else looks at the list sees it too.
    await expect(other.getByRole('row', { name: /Research/ })).toBeVisible();
    await other.context().close();

    await row.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Research');
    await choose(page, 'Status', 'inactive');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('row', { name: /Research / })).toContainText('inactive');
    await axe(page);
    await screenshots(page, 'accounts');

    await page.getByRole('textbox', { name: 'Filter accounts' }).fill('rese');
    await expect(page).toHaveURL(/q=rese/);
    await expect(page.getByRole('row', { name: /Main/ })).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('row', { name: /Research/ })).toBeVisible();
    await page.getByRole('textbox', { name: 'Filter accounts' }).fill('nowhere');
    await page.getByRole('button', { name: 'Clear the filter' }).click();

    await page.getByRole('row', { name: /Main/ }).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('This account is in use.');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page
      .getByRole('row', { name: /Research/ })
      .getByRole('button', { name: 'Delete' })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('row', { name: /Research/ })).toHaveCount(0);
  });
});

test.describe('users', () => {
  test('are made with what is needed, changed and deleted', async ({ page, server, asAdmin }) => {
    await page.goto(`${server.url}/account-1/users`);
    await expect(page.getByText('No users yet')).toBeVisible();
    await page.getByRole('button', { name: 'New user' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Email' }).fill('ada');
    await dialog.getByLabel('Password', { exact: true }).fill('short');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Enter an email address')).toBeVisible();
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await expect(dialog.getByText('At least 12 characters', { exact: true })).toBeVisible();
    await expect(dialog.getByRole('textbox', { name: 'Email' })).toBeFocused();
    await axe(page);
    // There is such a user already: what was typed stays.
    await dialog.getByRole('textbox', { name: 'Email' }).fill(server.admin.email);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Ada');
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(
      `A user with the email "${server.admin.email}" exists already.`,
    );
    await dialog.getByRole('textbox', { name: 'Email' }).fill('ada@example.org');
    await page.keyboard.press('Enter');

    // The page of the user that was made.
    await expect(page.getByRole('heading', { level: 1, name: 'ada@example.org' })).toBeVisible();
    await expect(page.getByText('No permissions here')).toBeVisible();
    await axe(page);
    await screenshots(page, 'user');
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await expect(page).toHaveURL(/tab=sessions/);
    await expect(page.getByText('No sessions')).toBeVisible();

    await page.getByRole('button', { name: 'Edit user' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Ada Lovelace');
    await dialog.getByRole('checkbox', { name: 'Account administrator' }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('of this account')).toBeVisible();
    await page.getByRole('tab', { name: 'Permissions' }).click();
    const permissions = page.getByRole('region', { name: 'Permissions' });
    await expect(permissions.getByRole('row', { name: /cloud-credentials.manage/ })).toContainText(
      /administrator/,
    );

    await page.goto(`${server.url}/account-1/users`);
    await expect(page.getByRole('row', { name: /Ada Lovelace/ })).toBeVisible();
    await axe(page);
    await screenshots(page, 'users');
    await page.getByRole('link', { name: 'ada@example.org' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(dialog.getByRole('alert')).toContainText('is the last active administrator here.');
    const body = { email: 'grace@example.org', name: 'Grace', password: PASSWORD, isAdmin: true };
    await asAdmin.post('/account/1/users/', body);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('row', { name: /Grace/ })).toBeVisible();
    await expect(page.getByRole('row', { name: /Ada Lovelace/ })).toHaveCount(0);
  });

  test('oneself is not deleted, and the last administrator neither', async ({ page, server }) => {
    await page.goto(`${server.url}/global/users`);
    await page.getByRole('link', { name: server.admin.email }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('Nobody can delete themselves.');
  });

  test('who is locked out is let in again, and a session is ended', async ({
    page,
    server,
    browser,
    asAdmin,
  }) => {
    const email = 'eve@example.org';
    const body = { email, name: 'Eve', password: PASSWORD, isAdmin: true };
    const { id } = await asAdmin.post<{ id: number }>('/account/1/users/', body);
    const eve = await (await browser.newContext()).newPage();
    await login(eve, server, email, PASSWORD);
    await page.goto(`${server.url}/account-1/users/${id}?tab=sessions`);
    await page.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await expect(page.getByText('No sessions')).toBeVisible();
    const question = eve.getByRole('dialog', { name: 'Your session has ended' });
    await eve.getByRole('link', { name: 'Environments', exact: true }).click();
    await expect(question).toBeVisible();
    for (let n = 0; n < 10; n++) {
      await question.getByRole('textbox', { name: 'Password' }).fill(`wrong ${n}`);
      const answer = eve.waitForResponse(
        (it) => it.url().endsWith('/session/') && it.request().method() === 'POST',
      );
      await eve.keyboard.press('Enter');
      await answer;
    }
    await expect(page.getByText('Too many wrong passwords.')).toBeVisible();
    await axe(page);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click();
    await expect(page.getByText('Too many wrong passwords.')).toBeHidden();
    await question.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await eve.keyboard.press('Enter');
    await expect(question).toBeHidden();
    await eve.context().close();
  });
});

test.describe('teams and ACL roles', () => {
  test('a role is made, a team gives it, and the user page says why', async ({ page, server, asAdmin }) => {
    const body = { email: 'alan@example.org', name: 'Alan', password: PASSWORD };
    const user = await asAdmin.post<{ id: number }>('/account/1/users/', body);

    await page.goto(`${server.url}/account-1/acl-roles`);
    await expect(page.getByRole('row', { name: /Full access/ })).toBeVisible();
    await axe(page);
    await screenshots(page, 'acl-roles');
    await page.getByRole('button', { name: 'New ACL role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Readers who clear caches');
    await choose(page, 'clouds.manage', 'grant');
    await axe(page);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Readers who clear caches' })).toBeVisible();
    await expect(page.getByRole('row', { name: /clouds.manage/ })).toContainText('granted here');
    await expect(page.getByRole('row', { name: /inventory.read/ })).toContainText('granted by read-only');
    await axe(page);
    await screenshots(page, 'acl-role');

    await page.goto(`${server.url}/account-1/teams`);
    await expect(page.getByText('No teams yet')).toBeVisible();
    await page.getByRole('button', { name: 'New team' }).first().click();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await expect(dialog.getByText('Choose an ACL role')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Operators');
    await choose(page, 'ACL role', 'Readers who clear caches');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Operators' })).toBeVisible();
    await expect(page.getByText('No members yet')).toBeVisible();
    await page.getByRole('button', { name: 'Add a member' }).click();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByText('Choose a user')).toBeVisible();
    await choose(page, 'User', 'alan@example.org');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const member = page.getByRole('row', { name: /alan@example.org/ });
    await expect(member).toContainText("the team's (Readers who clear caches)");
    await axe(page);
    await screenshots(page, 'team');

    // Once an environment lets the team in, the user page tells what it gives, and why.
    const teams = await asAdmin.get<{ id: number }[]>('/account/1/teams/');
    await asAdmin.post('/account/1/environments/1/teams/', { team: { id: teams[0]?.id } });
    await member.getByRole('link', { name: 'alan@example.org' }).click();
    await page.getByRole('combobox', { name: 'In' }).click();
    await page.getByRole('option', { name: 'environment Default' }).click();
    await expect(page.getByRole('row', { name: /clouds.manage/ })).toContainText(/Operators/);
    await axe(page);
    await screenshots(page, 'user-permissions');

    // A role in use is kept, and it is said by what.
    const role = await aclRole(asAdmin, 'Readers who clear caches');
    await page.goto(`${server.url}/account-1/acl-roles/${role}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(dialog.getByRole('alert')).toContainText('is the role of the teams Operators');
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await page.goto(`${server.url}/account-1/teams`);
    await expect(page.getByRole('row', { name: /Operators/ })).toBeVisible();
    await axe(page);
    await screenshots(page, 'teams');
    await page.getByRole('link', { name: 'Operators' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('No members yet')).toBeVisible();
    await asAdmin.delete(`/account/1/users/${user.id}/`);
  });

  test('somebody without the permission is told so', async ({ server, browser, asAdmin }) => {
    const email = 'linus@example.org';
    const body = { email, name: 'Linus', password: PASSWORD };
    const { id } = await asAdmin.post<{ id: number }>('/account/1/users/', body);
    const aclRoleId = await aclRole(asAdmin, 'No access');
    const team = await asAdmin.post<{ id: number }>('/account/1/teams/', {
      name: 'Guests',
      defaultAclRole: { id: aclRoleId },
    });
    await asAdmin.post(`/account/1/teams/${team.id}/members/`, { user: { id } });
    const page = await (await browser.newContext()).newPage();
    await login(page, server, email, PASSWORD);
    await page.goto(`${server.url}/account-1/users`);
    await expect(page.getByRole('alert')).toContainText('users.read');
    await expect(page.getByRole('alert')).toContainText('Request');
    await page.context().close();
  });
});

import { randomUUID } from 'node:crypto';

import type { Browser, Locator, Page } from '@playwright/test';

import { Api, axe, expect, listen, login, screenshots, test, Vcenter } from './fixtures';
import { Server } from './processes';

// Each looks at many pages, and axe at each of them twice.
test.describe.configure({ timeout: 600_000 });

const PASSWORD = 'correct horse battery';
const button = (at: Page | Locator, name: string) => at.getByRole('button', { name, exact: true });

const vsphere = (name: string, url: string) => ({
  cloudCredentialsType: 'VmwareCloudCredentials',
  provider: 'vmware',
  name,
  url,
  userName: Vcenter.user,
  password: Vcenter.password,
  sslVerification: false,
});

/** A user of the account, in a browser of their own, who has what the role gives in the environment Default. */
async function person(browser: Browser, server: Server, api: Api, name: string, roleName?: string) {
  const email = `${name}@example.org`;
  const { id } = await api.post<{ id: number }>('/account/1/users/', { email, name, password: PASSWORD });
  if (roleName) {
    const roles = await api.get<{ id: string; name: string }[]>('/account/1/acl-roles/');
    const role = roles.find((it) => it.name === roleName);
    const team = await api.post<{ id: number }>('/account/1/teams/', {
      name: `Team of ${name}`,
      defaultAclRole: { id: role?.id },
    });
    await api.post(`/account/1/teams/${team.id}/members/`, { user: { id } });
    await api.post('/account/1/environments/1/teams/', { team: { id: team.id } });
  }
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const said = listen(page);
  await login(page, server, email, PASSWORD);
  return { page, said, email };
}

/** Whose permission is missing, which one it is, whom to ask, and the id for them. */
async function expectRefusal(at: Locator, email: string, permission: string) {
  await expect(at).toContainText(`${email} may not do this: it needs the permission ${permission}.`);
  await expect(at).toContainText('Next: Ask an administrator of the account for it.');
  await expect(at).toContainText(/Request [\da-f]{32}/);
}

test('a reader sees everything, and is told why nothing can be changed', async ({
  browser,
  server,
  asAdmin,
  vcenter,
}) => {
  const { url } = await vcenter();
  const { id } = await asAdmin.post<{ id: string }>('/account/1/cloud-credentials/', vsphere('dc-read', url));
  await asAdmin.post('/account/1/environments/1/clouds/vmware/', { id });
  const { page, said, email } = await person(browser, server, asAdmin, 'reader', 'Read only');
  const at = (path: string) => page.goto(`${server.url}/${path}`);
  // A notice that stays, where the page has no place of its own.
  const notice = page.locator('.mantine-Notification-root');
  const dialog = page.getByRole('dialog');

  for (const path of [
    'account-1',
    'account-1/credentials',
    'account-1/environments',
    'account-1/users',
    'account-1/teams',
    'account-1/acl-roles',
    'account-1/audit',
    'environment-1',
    'environment-1/clouds',
    'environment-1/inventory',
  ]) {
    await at(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(
      page
        .getByRole('main')
        .getByText(/dc-read|DC0|Default|Read only|reader|Main/)
        .first(),
    ).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  }

  await at(`account-1/credentials/${id}`);
  await button(page, 'Check now').click();
  await expectRefusal(notice, email, 'cloud-credentials.validate');
  await axe(page);
  await screenshots(page, 'permissions-reader');
  await button(notice, 'Close').click();
  await button(page, 'Clear the cache').click();
  await expectRefusal(page.getByRole('alert'), email, 'cache.clear');
  await button(page, 'Delete').click();
  await button(dialog, 'Delete').click();
  await expectRefusal(dialog.getByRole('alert'), email, 'cloud-credentials.manage');
  await button(dialog, 'Cancel').click();
  await button(page, 'Edit').click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('mine');
  await button(page, 'Save').click();
  await expectRefusal(page.getByRole('alert'), email, 'cloud-credentials.manage');
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('mine');

  await at('account-1/credentials/new?cloud=vmware');
  await page.getByRole('button', { name: /^Before you begin/ }).click();
  await expect(page.getByText('A global administrator sees which one is in force')).toBeVisible();
  await page.getByRole('textbox', { name: 'URL to try' }).fill(url);
  await button(page, 'Try the ports').click();
  await expectRefusal(page.getByRole('alert'), email, 'cloud-credentials.manage');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('mine');
  await page.getByRole('textbox', { name: 'User name', exact: true }).fill(Vcenter.user);
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill('kept');
  await button(page, 'Save').click();
  const refused = page.getByRole('alert').filter({ hasText: 'Nothing was saved' });
  await expectRefusal(refused, email, 'cloud-credentials.manage');
  await expect(page.getByRole('textbox', { name: 'Password', exact: true })).toHaveValue('kept');

  await at('account-1/environments/1');
  const card = page.getByRole('region', { name: 'VMware vSphere', exact: true });
  await button(card, 'Sync VMware vSphere now').click();
  await expectRefusal(notice, email, 'inventory.sync');
  await button(notice, 'Close').click();
  await button(card, 'Unlink').click();
  await button(dialog, 'Unlink').click();
  await expectRefusal(dialog.getByRole('alert'), email, 'clouds.manage');
  await button(dialog, 'Cancel').click();
  await button(page, 'Edit').click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('mine');
  await button(dialog, 'Save').click();
  await expectRefusal(dialog.getByRole('alert'), email, 'environments.manage');
  await axe(page);

  await at('account-1/users');
  await button(page, 'New user').click();
  await dialog.getByRole('textbox', { name: 'Email' }).fill('other@example.org');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Other');
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await button(dialog, 'Create').click();
  await expectRefusal(dialog.getByRole('alert'), email, 'users.manage');
  expect(said).toEqual([]);
  await page.context().close();
});

test('somebody without any permission is told so on every page', async ({ browser, server, asAdmin }) => {
  const { page, said, email } = await person(browser, server, asAdmin, 'nobody');
  const roles = await asAdmin.get<{ id: string }[]>('/account/1/acl-roles/');
  const pages = [
    ['account-1', 'cloud-credentials.read'],
    ['account-1/credentials', 'cloud-credentials.read'],
    ['account-1/credentials/0123456789ab', 'cloud-credentials.read'],
    ['account-1/environments', 'environments.read'],
    ['account-1/environments/1', 'environments.read'],
    ['account-1/users', 'users.read'],
    ['account-1/users/1', 'users.read'],
    ['account-1/teams', 'teams.read'],
    ['account-1/teams/1', 'teams.read'],
    ['account-1/acl-roles', 'acl-roles.read'],
    [`account-1/acl-roles/${roles[0]?.id}`, 'acl-roles.read'],
    ['account-1/audit', 'audit.read'],
    ['environment-1', 'environments.read'],
    ['environment-1/clouds', 'clouds.read'],
    ['environment-1/inventory', 'clouds.read'],
    ['environment-1/inventory/vmware/DC0/machines', 'inventory.read'],
    ['global', 'system.read'],
    ['global/credentials', 'cloud-credentials.read'],
    ['global/accounts', 'accounts.read'],
    ['global/users', 'users.read'],
    ['global/audit', 'audit.read'],
    ['global/system', 'system.read'],
    ['global/instance-sizes', 'instance-types.read'],
  ] as const;
  for (const [path, permission] of pages) {
    await page.goto(`${server.url}/${path}`);
    await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible();
    const refusal = page
      .getByRole('alert')
      .filter({ hasText: `permission ${permission}` })
      .first();
    await expectRefusal(refusal, email, permission);
  }
  for (const path of ['account-1', 'account-1/users/1', 'environment-1', 'global', 'global/credentials']) {
    await page.goto(`${server.url}/${path}`);
    await expect(page.getByRole('alert').first()).toBeVisible();
    await axe(page);
  }
  await expect(page.getByText('Not live: no permission here')).toBeVisible();
  await screenshots(page, 'permissions-nobody');
  // What is not there for them at all is not told apart from what is not there.
  await page.goto(`${server.url}/account-999`);
  await expect(page.getByRole('alert').first()).toContainText('There is no account 999.');
  // Their own page is theirs.
  await page.goto(`${server.url}/profile`);
  await expect(page.getByText(email)).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(said).toEqual([]);
  await page.context().close();
});

test('a link that is suspended says since when and why, and recovers by itself', async ({
  browser,
  playwright,
  vcenter,
}) => {
  const server = await Server.start('suspend_after = "1s"\nsync_interval = "1s"');
  const api = await Api.login(await playwright.request.newContext({ baseURL: server.url }), server);
  const uuid = randomUUID();
  const right = await vcenter(['-instance-uuid', uuid]);
  const { id } = await api.post<{ id: string }>(
    '/account/1/cloud-credentials/',
    vsphere('dc-locked', right.url),
  );
  await api.post('/account/1/environments/1/clouds/vmware/', { id });
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const said = listen(page);
  await login(page, server);
  await page.goto(`${server.url}/environment-1/clouds`);
  const card = page.getByRole('region', { name: 'VMware vSphere', exact: true });
  await expect(card.getByRole('row', { name: /DC0/ })).toBeVisible();

  // Somebody changes the password at the cloud.
  const again = (password: string) =>
    vcenter(['-listen', new URL(right.url).host, '-instance-uuid', uuid, '-password', password]);
  await right.stop();
  const changed = await again('changed');
  const suspended = card.getByRole('alert', { name: 'Suspended' });
  await expect(suspended).toContainText(/Since .*refused this credential/, { timeout: 120_000 });
  await expect(suspended).toContainText('Nothing was terminated.');
  await expect(card.getByText('suspended', { exact: true })).toBeVisible();
  // What was read before is still there, and said to be old.
  await page.reload();
  await expect(card.getByRole('row', { name: /DC0/ })).toContainText('stale');
  await axe(page);
  await screenshots(page, 'permissions-suspended');
  await button(card, 'Sync VMware vSphere now').click();
  const notice = page.locator('.mantine-Notification-root');
  await expect(notice).toContainText('is suspended since');
  await button(notice, 'Close').click();
  await card.getByRole('link', { name: 'DC0' }).click();
  await expect(page.getByRole('row', { name: /DC0_H0_VM0/ })).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'These machines may have changed' })).toContainText(
    /refused this credential|is suspended since/,
  );
  await axe(page);
  await page.goto(`${server.url}/account-1`);
  const attention = page.getByRole('region', { name: 'What needs attention' });
  await expect(attention.getByRole('link', { name: 'VMware vSphere in Default' })).toBeVisible();
  await axe(page);

  await changed.stop();
  await again(Vcenter.password);
  await attention.getByRole('link', { name: 'VMware vSphere in Default' }).click();
  await expect(card.getByText('active', { exact: true })).toBeVisible({ timeout: 120_000 });
  await expect(suspended).toBeHidden();
  expect(said).toEqual([]);
  await page.context().close();
  await server.remove();
});

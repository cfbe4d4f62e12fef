import type { Page } from '@playwright/test';

import { type Api, axe, expect, screenshots, test, Vcenter } from './fixtures';
import type { Openstack, Server } from './processes';

// Each stops the server of this file, or ends the session of the page.
test.describe.configure({ mode: 'serial' });

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const connection = (page: Page) =>
  page.getByRole('navigation', { name: 'Pages of this scope' }).getByRole('status');

async function fillHalf(page: Page, server: Server, name: string, cloud: Openstack) {
  await page.goto(`${server.url}/account-1/credentials/new?cloud=openstack`);
  await field(page, 'Name').fill(name);
  await field(page, 'Keystone URL').fill(cloud.keystoneUrl);
  await field(page, 'Password').fill(cloud.password);
  await field(page, 'Description (optional)').fill('half done');
}

async function expectHalf(page: Page, name: string, cloud: Openstack) {
  await expect(field(page, 'Name')).toHaveValue(name);
  await expect(field(page, 'Keystone URL')).toHaveValue(cloud.keystoneUrl);
  await expect(field(page, 'Password')).toHaveValue(cloud.password);
  await expect(field(page, 'Description (optional)')).toHaveValue('half done');
}

async function fillRest(page: Page) {
  await field(page, 'User name').fill('demo');
  await field(page, 'Project (tenant)').fill('demo');
}

async function addVsphere(api: Api, name: string, url: string): Promise<string> {
  const { id } = await api.post<{ id: string }>('/account/1/cloud-credentials/', {
    cloudCredentialsType: 'VmwareCloudCredentials',
    provider: 'vmware',
    name,
    url,
    userName: Vcenter.user,
    password: Vcenter.password,
    sslVerification: false,
  });
  return id;
}

/** Somebody revokes the session of the page; its stream ends with it. */
async function endSession(page: Page, api: Api) {
  await expect(connection(page)).toHaveText('Live');
  const sessions = await api.get<{ id: string; isCurrent: boolean }[]>('/profile/sessions/');
  for (const it of sessions.filter((it) => !it.isCurrent)) await api.delete(`/profile/sessions/${it.id}/`);
}

async function loginAgain(page: Page, server: Server) {
  const question = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(question).toContainText('What you typed on this page is kept.');
  await question.getByRole('textbox', { name: 'Password' }).fill(server.admin.password);
  await page.keyboard.press('Enter');
  await expect(question).toBeHidden();
  await expect(connection(page)).toHaveText('Live');
}

async function restart(page: Page, server: Server) {
  await expect(connection(page)).toHaveText('Live');
  await server.stop();
  await expect(connection(page)).toHaveText('Server lost, trying again');
  await server.run();
  await expect(connection(page)).toHaveText('Live');
}

/** A minute later they come back to the window: what is shown is old, and asked for again. */
async function comeBack(page: Page) {
  await page.clock.setSystemTime(Date.now() + 60_000);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
}

test('a session that ends under the OpenStack form', async ({ page, server, openstack, asAdmin }) => {
  await fillHalf(page, server, 'session', openstack);
  await endSession(page, asAdmin);
  await axe(page);
  await screenshots(page, 'nothing-lost-session');
  await loginAgain(page, server);
  await expectHalf(page, 'session', openstack);
  await fillRest(page);
  await button(page, 'Save').click();
  await expect(page.getByRole('heading', { level: 1, name: 'session' })).toBeVisible();
});

test('a server that restarts under the OpenStack form', async ({ page, server, openstack }) => {
  await fillHalf(page, server, 'restart', openstack);
  await restart(page, server);
  await expectHalf(page, 'restart', openstack);
  await fillRest(page);
  await button(page, 'Save').click();
  await expect(page.getByRole('heading', { level: 1, name: 'restart' })).toBeVisible();
});

test('a server that is gone at the moment of Save', async ({ page, server, openstack }) => {
  await fillHalf(page, server, 'gone', openstack);
  await fillRest(page);
  await server.stop();
  await button(page, 'Save').click();
  const refusal = page.getByRole('alert').filter({ hasText: 'It is not known whether this was saved' });
  await expect(refusal).toContainText('The server does not answer.');
  await expect(refusal).toContainText('a change has to be sent again');
  await axe(page);
  await screenshots(page, 'nothing-lost-gone');
  await expectHalf(page, 'gone', openstack);
  await server.run();
  await expect(connection(page)).toHaveText('Live');
  await button(page, 'Save').click();
  await expect(page.getByRole('heading', { level: 1, name: 'gone' })).toBeVisible();
});

test('the dialog of a new environment', async ({ page, server, asAdmin }) => {
  await page.goto(`${server.url}/account-1/environments`);
  await button(page, 'New environment').click();
  const dialog = page.getByRole('dialog', { name: 'New environment' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Kept');
  await dialog.getByRole('radio', { name: 'Inactive' }).check();
  await restart(page, server);
  await endSession(page, asAdmin);
  await loginAgain(page, server);
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Kept');
  await expect(dialog.getByRole('radio', { name: 'Inactive' })).toBeChecked();
  await server.stop();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The server does not answer.');
  await server.run();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Kept' })).toBeVisible();
  await expect(page.getByText(/, inactive, added/)).toBeVisible();

  // The dialog of a page that reads its object anew meanwhile, and cannot.
  await button(page, 'Edit').click();
  const edit = page.getByRole('dialog', { name: 'Edit environment' });
  await edit.getByRole('textbox', { name: 'Name' }).fill('Kept again');
  await server.stop();
  await comeBack(page);
  await expect(page.getByText('What is shown may be old')).toBeAttached();
  await expect(edit.getByRole('textbox', { name: 'Name' })).toHaveValue('Kept again');
  await server.run();
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Kept again' })).toBeVisible();
});

test('the form that edits credentials', async ({ page, server, asAdmin, vcenter }) => {
  const [first, second] = [await vcenter(), await vcenter()];
  const id = await addVsphere(asAdmin, 'dc-kept', first.url);
  await page.goto(`${server.url}/account-1/credentials/${id}?tab=edit`);
  await field(page, 'URL').fill(second.url);
  await field(page, 'Password').fill(Vcenter.password);
  const isKept = async () => {
    await expect(field(page, 'URL')).toHaveValue(second.url);
    await expect(field(page, 'Password')).toHaveValue(Vcenter.password);
  };
  await restart(page, server);
  await isKept();
  await endSession(page, asAdmin);
  await loginAgain(page, server);
  await isKept();
  await server.stop();
  await comeBack(page);
  await expect(page.getByText('What is shown may be old')).toBeVisible();
  await isKept();
  await button(page, 'Save').click();
  await expect(page.getByRole('alert').filter({ hasText: 'It is not known whether' })).toContainText(
    'The server does not answer.',
  );
  await isKept();
  await server.run();
  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByText('What is shown may be old')).toBeHidden();
  await button(page, 'Save').click();
  await expect(page.getByRole('region', { name: 'Credentials', exact: true })).toContainText(second.url);
});

test('a server that dies while the checks run', async ({ page, server, vcenter }) => {
  const { url } = await vcenter(['-delay', '700']);
  await page.goto(`${server.url}/account-1/credentials/new?cloud=vmware`);
  await field(page, 'Name').fill('cut-off');
  await field(page, 'URL').fill(url);
  await field(page, 'User name').fill(Vcenter.user);
  await field(page, 'Password').fill(Vcenter.password);
  await page.getByRole('checkbox', { name: 'Verify the TLS certificates of this cloud' }).uncheck();
  await button(page, 'Save').click();
  const report = page.getByRole('region', { name: 'Report of the checks' });
  await expect(report.getByText('accepts connections')).toBeVisible();
  await expect(report.getByText('running', { exact: true })).toBeVisible();
  await server.kill();
  await server.run();
  const told = page.getByRole('alert').filter({ hasText: 'The checks were cut off' });
  await expect(told).toContainText('The control plane that ran the checks stopped.');
  await expect(told).toContainText('Nothing was saved.');
  await axe(page);
  await screenshots(page, 'nothing-lost-cut-off');
  await expect(field(page, 'Password')).toHaveValue(Vcenter.password);
  await told.getByRole('button', { name: 'Run them again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'cut-off' })).toBeVisible();

  // The same where saved credentials are checked.
  await button(page, 'Check now').click();
  await expect(report.getByText('accepts connections')).toBeVisible();
  await server.kill();
  await server.run();
  await expect(told).toContainText('That says nothing about the cloud.');
  await told.getByRole('button', { name: 'Run them again' }).click();
  await expect(report.getByText(/^ended/)).toBeVisible();
  await expect(told).toBeHidden();
});

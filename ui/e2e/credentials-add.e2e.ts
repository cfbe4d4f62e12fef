import type { Page } from '@playwright/test';

import { another, axe, expect, screenshots, test, Vcenter } from './fixtures';

const NEW = '/account-1/credentials/new';
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const SAVED = /\/credentials\/[\da-f]{12}/;

async function fillOpenstack(page: Page, name: string, keystoneUrl: string, password: string) {
  await field(page, 'Name').fill(name);
  await field(page, 'Keystone URL').fill(keystoneUrl);
  await field(page, 'User name').fill('demo');
  await field(page, 'Password').fill(password);
  await field(page, 'Project (tenant)').fill('demo');
  await field(page, 'Domain (optional)').fill('Default');
}

async function fillVsphere(page: Page, name: string, url: string) {
  await field(page, 'Name').fill(name);
  await field(page, 'URL').fill(url);
  await field(page, 'User name').fill(Vcenter.user);
  await field(page, 'Password').fill(Vcenter.password);
}

// Each goes on where the one before has ended, and most wait for clouds and look at the page eight times.
test.describe.configure({ mode: 'serial', timeout: 240_000 });

test('an empty list leads to both forms', async ({ page }) => {
  await page.goto('/account-1/credentials');
  await expect(page.getByText('There are no cloud credentials yet')).toBeVisible();
  await axe(page);
  await screenshots(page, 'credentials-empty');
  await page.getByRole('link', { name: 'Add vSphere' }).click();
  await expect(page.getByRole('heading', { name: 'Add VMware vSphere credentials' })).toBeVisible();
  await page.goto(NEW);
  await expect(page.getByRole('heading', { name: 'Add cloud credentials' })).toBeVisible();
  await axe(page);
  await screenshots(page, 'credentials-choose');
  await page.getByRole('link', { name: /^OpenStack/ }).click();
  await expect(page.getByRole('heading', { name: 'Add OpenStack credentials' })).toBeVisible();
  await expect(page).toHaveURL(/cloud=openstack/);
});

test('the OpenStack form says what is wrong beside each field', async ({ page }) => {
  await page.goto(`${NEW}?cloud=openstack`);
  await button(page, 'Save').click();
  for (const message of [
    'Enter a name, such as the name of the cloud',
    'Enter the URL, such as https://keystone.example:5000/v3',
    'Enter the user name',
    'Enter the password',
    'Enter the project (tenant) to work in',
  ])
    await expect(page.getByText(message, { exact: true })).toBeVisible();
  await expect(field(page, 'Name')).toBeFocused();
  await axe(page);
  await screenshots(page, 'credentials-openstack-wrong');

  await field(page, 'Name').fill('lab');
  for (const [url, message] of [
    ['keystone.example:5000', 'The URL begins with https:// or http://'],
    ['https://', 'This is not a URL'],
    [
      'https://me:secret@k.example',
      'The URL holds a user name or a password; enter them in their own fields',
    ],
    ['https://k.example/?x=1', 'The URL may not have a part after ? or #'],
  ] as const) {
    await field(page, 'Keystone URL').fill(url);
    await page.keyboard.press('Enter');
    await expect(page.getByText(message)).toBeVisible();
    await expect(field(page, 'Keystone URL')).toBeFocused();
  }
  await field(page, 'Keystone URL').fill('https://k.example/v2.0');
  await expect(field(page, 'Domain (optional)')).toHaveCount(0);
  await field(page, 'Keystone URL').fill('https://k.example/v3');
  await expect(field(page, 'Domain (optional)')).toBeVisible();
  await page.getByRole('switch', { name: 'User and project are in separate domains' }).check({ force: true });
  await expect(field(page, 'User domain name')).toBeVisible();
  await page.getByRole('combobox', { name: 'Project domain given by' }).selectOption('Id');
  await expect(field(page, 'Project domain id')).toBeVisible();

  await page.getByRole('radio', { name: 'Application credential' }).check();
  await expect(field(page, 'Project (tenant)')).toHaveCount(0);
  await button(page, 'Save').click();
  await expect(page.getByText('Enter the id of the application credential')).toBeVisible();
  await expect(page.getByText('Enter the secret of the application credential')).toBeVisible();
  await page.getByRole('combobox', { name: 'Application credential given by' }).selectOption('name');
  await button(page, 'Save').click();
  await expect(page.getByText('Enter the name of the application credential')).toBeVisible();
  await expect(page.getByText('Enter the user name', { exact: true })).toBeVisible();
  await page.getByRole('radio', { name: 'Token' }).check();
  await button(page, 'Save').click();
  await expect(page.getByText('Enter the token')).toBeVisible();

  await field(page, 'Token').fill('x');
  await field(page, 'CA certificate (optional)').fill('what is this');
  await field(page, 'Pinned fingerprints (optional)').fill('AB:CD');
  await page.getByRole('checkbox', { name: /^Inventory/ }).uncheck();
  await page.getByRole('checkbox', { name: /^Provision/ }).uncheck();
  await button(page, 'Save').click();
  await expect(page.getByText('Paste the certificate as PEM')).toBeVisible();
  await expect(page.getByText('“AB:CD” is not a SHA-256')).toBeVisible();
  await expect(page.getByText('Choose at least one use')).toBeVisible();
});

test('the vSphere form says what is wrong beside each field', async ({ page }) => {
  await page.goto(`${NEW}?cloud=vmware`);
  await button(page, 'Save').click();
  for (const message of [
    'Enter a name, such as the name of the cloud',
    'Enter the URL, such as https://vcenter.example',
    'Enter the user name, such as stackyard@vsphere.local',
    'Enter the password',
  ])
    await expect(page.getByText(message, { exact: true })).toBeVisible();
  await field(page, 'URL').fill('https://vc.example');
  await button(page, 'Add URL').click();
  await expect(field(page, 'URL of linked vCenter 1')).toBeFocused();
  await page.keyboard.type('https://VC.example/sdk');
  await button(page, 'Save').click();
  await expect(page.getByText('https://vc.example is named twice')).toBeVisible();
  await axe(page);
  await screenshots(page, 'credentials-vsphere-wrong');
  await button(page, 'Remove linked vCenter 1').click();
  await expect(field(page, 'URL of linked vCenter 1')).toHaveCount(0);
});

test('a login that Keystone refuses loses nothing typed', async ({ page, openstack }) => {
  await page.goto(`${NEW}?cloud=openstack`);
  await fillOpenstack(page, 'lab', openstack.keystoneUrl, 'wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The checks failed: nothing was saved')).toBeVisible();
  await expect(page.getByText('Keystone refuses this login')).toBeVisible();
  await expect(page.getByText('Check user name, password and user domain')).toBeVisible();
  await expect(field(page, 'Password')).toHaveValue('wrong');
  await axe(page);
  await screenshots(page, 'credentials-refused-by-keystone');
});

test('a check saves nothing, and its report outlives a reload', async ({ page, openstack }) => {
  await page.goto(`${NEW}?cloud=openstack`);
  await fillOpenstack(page, 'lab', openstack.keystoneUrl, openstack.password);
  await button(page, 'Check without saving').click();
  await expect(page.getByText('The cloud accepts this')).toBeVisible();
  // What has passed is folded once the checks have ended and something else wants to be looked at.
  await page.getByRole('region', { name: 'RegionOne' }).getByRole('button', { name: 'Each check' }).click();
  await expect(page.getByText('Nova answers')).toBeVisible();
  await axe(page);
  await screenshots(page, 'credentials-accepted');
  // What was typed outlives it too; the password does not.
  await page.reload();
  await expect(page.getByText('The cloud accepts this')).toBeVisible();
  await expect(field(page, 'Keystone URL')).toHaveValue(openstack.keystoneUrl);
  await expect(field(page, 'Password')).toHaveValue('');
});

test('the real OpenStack is added by the keyboard alone', async ({ page, openstack }) => {
  await page.goto(`${NEW}?cloud=openstack`);
  const goTo = async (name: string) => {
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press('Tab');
      if (await field(page, name).evaluate((node) => node === document.activeElement)) return;
    }
    throw new Error(`${name} is not reached by Tab`);
  };
  await expect(field(page, 'Name')).toBeVisible();
  for (const [name, text] of [
    ['Name', 'lab'],
    ['Keystone URL', openstack.keystoneUrl],
    ['User name', 'demo'],
    ['Password', openstack.password],
    ['Project (tenant)', 'demo'],
    ['Domain (optional)', 'Default'],
  ] as const) {
    await goTo(name);
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(SAVED);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('lab');
  await expect(page.getByText('The cloud credentials lab are saved.')).toBeVisible();
});

test('a taken name is refused, and saving without checking leaves them disabled', async ({
  page,
  openstack,
}) => {
  await page.goto(`${NEW}?cloud=openstack`);
  await fillOpenstack(page, 'lab', openstack.keystoneUrl, openstack.password);
  await button(page, 'Save').click();
  await expect(page.getByRole('alert')).toContainText(
    'Cloud credentials named "lab" exist already in this account.',
  );
  await expect(field(page, 'Password')).toHaveValue(openstack.password);
  await field(page, 'Name').fill('later');
  await field(page, 'Keystone URL').fill('http://127.0.0.1:1/v3');
  await button(page, 'Save without checking').click();
  await expect(page).toHaveURL(SAVED);
  await page.goto('/account-1/credentials');
  await expect(page.getByRole('row', { name: /^later/ })).toContainText('disabled');
});

test('a certificate is shown, compared and pinned', async ({ page, vcenter }) => {
  const [main, linked] = [await vcenter(), await vcenter()];
  await page.goto(`${NEW}?cloud=vmware`);
  await fillVsphere(page, 'dc-east', main.url);
  await button(page, 'Add URL').click();
  await field(page, 'URL of linked vCenter 1').fill(linked.url);
  await button(page, 'Save').click();
  await expect(page.getByRole('heading', { name: 'These certificates are not trusted' })).toBeVisible();
  const prompt = page.getByRole('alert').filter({ hasText: 'not trusted' });
  await expect(prompt.getByText('O=vCenter simulator, CN=vcsim (itself)')).toHaveCount(2);
  await expect(prompt.getByText(/^([\dA-F]{2}:){31}[\dA-F]{2}/)).toHaveCount(2);
  await expect(prompt.getByText('Valid to')).toHaveCount(2);
  await axe(page);
  await screenshots(page, 'credentials-certificate');
  const pin = button(page, 'Pin what was compared');
  await expect(pin).toBeDisabled();
  for (const box of await prompt.getByRole('checkbox').all()) await box.check();
  await pin.click();
  await expect(page).toHaveURL(SAVED);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('dc-east');
});

test('a running validation outlives a reload', async ({ page, vcenter }) => {
  const { url } = await vcenter(['-delay', '700']);
  await page.goto(`${NEW}?cloud=vmware`);
  await fillVsphere(page, 'slow', url);
  await page.getByRole('checkbox', { name: 'Verify the TLS certificates of this cloud' }).uncheck();
  await button(page, 'Check without saving').click();
  const report = page.getByRole('region', { name: 'Report of the checks' });
  await expect(report.getByText('accepts connections')).toBeVisible();
  await expect(report.getByText('running', { exact: true })).toBeVisible();
  await page.reload();
  await expect(report.getByText('running', { exact: true })).toBeVisible();
  await expect(report.getByText('accepts connections')).toBeVisible();
  await expect(page.getByText('The cloud accepts this')).toBeVisible();
  await report.getByRole('button', { name: /^58 privileges/ }).click();
  await expect(report.getByRole('region', { name: /^Privileges on/ }).getByRole('row')).toHaveCount(59);
  await axe(page);
  await screenshots(page, 'credentials-report');
});

test('missing privileges are a matrix of what they block', async ({ page, vcenter }) => {
  const { url } = await vcenter(['-strict']);
  await page.goto(`${NEW}?cloud=vmware`);
  await fillVsphere(page, 'strict', url);
  await page.getByRole('checkbox', { name: 'Verify the TLS certificates of this cloud' }).uncheck();
  await button(page, 'Check without saving').click();
  const matrix = page.getByRole('region', { name: /^Blocked operations on/ });
  await expect(matrix.getByRole('columnheader', { name: 'StorageProfile.View' })).toBeVisible();
  const row = matrix.getByRole('row', { name: /^choose a storage policy at launch/ });
  await expect(row.getByRole('img', { name: 'blocked' })).toHaveCount(1);
  await axe(page);
  await screenshots(page, 'credentials-privileges');
});

test('what people have already fills the form', async ({ page }) => {
  await page.goto(NEW);
  const paste = page.getByRole('textbox', { name: /^Paste a clouds.yaml entry/ });
  for (const [text, message] of [
    ['', 'Paste the text first.'],
    ['hello', 'This is neither a clouds.yaml entry'],
    ['clouds:\n  a:\n    auth: {auth_url: x}', 'Line 3 has brackets'],
    ['export OS_USERNAME=demo', 'There is no auth_url in it.'],
    ['export GOVC_USERNAME=me', 'GOVC_URL is not set in it.'],
  ] as const) {
    await paste.fill(text);
    await button(page, 'Fill the form').click();
    await expect(page.getByText(message)).toBeVisible();
    await expect(paste).toBeFocused();
  }
  const auth = (url: string) =>
    `    auth:\n      auth_url: ${url}\n      username: demo\n      password: 's3cret'\n      project_name: lab\n`;
  await paste.fill(`clouds:\n  one:\n${auth('http://one/v3')}  two:\n${auth('http://two/v3')}`);
  await button(page, 'Fill the form').click();
  await page.getByRole('combobox', { name: 'Which entry' }).selectOption('two');
  await button(page, 'Fill the form').click();
  await expect(page).toHaveURL(/cloud=openstack/);
  await expect(field(page, 'Name')).toHaveValue('two');
  await expect(field(page, 'Keystone URL')).toHaveValue('http://two/v3');
  await expect(field(page, 'Password')).toHaveValue('s3cret');

  await button(page, 'Fill in from a clouds.yaml entry, an openrc file or a GOVC block').click();
  await paste.fill(
    'export OS_AUTH_URL=http://k:5000/v3\nexport OS_USERNAME=demo\nexport OS_PASSWORD=$OS_PASSWORD_INPUT\n',
  );
  await button(page, 'Fill the form').click();
  await expect(page.getByText('Only a shell knows the value of OS_PASSWORD')).toBeVisible();
  await expect(page.getByText('Enter the password', { exact: true })).toBeVisible();

  await button(page, 'Fill in from a clouds.yaml entry, an openrc file or a GOVC block').click();
  await paste.fill("export GOVC_URL='me%40vsphere.local:p%23ss@vc.example'\nexport GOVC_INSECURE=1\n");
  await button(page, 'Fill the form').click();
  await expect(page.getByRole('heading', { name: 'Add VMware vSphere credentials' })).toBeVisible();
  await expect(field(page, 'URL')).toHaveValue('https://vc.example/sdk');
  await expect(field(page, 'User name')).toHaveValue('me@vsphere.local');
  await expect(
    page.getByRole('checkbox', { name: 'Verify the TLS certificates of this cloud' }),
  ).not.toBeChecked();
});

test('saving at Scalr scope names the accounts and asks', async ({ page, openstack, asAdmin }) => {
  await asAdmin.post('/global/accounts/', { name: 'Second' });
  await page.goto('/global/credentials/new?cloud=openstack');
  await fillOpenstack(page, 'shared', openstack.keystoneUrl, openstack.password);
  await button(page, 'Save').click();
  const question = page.getByRole('dialog');
  await expect(question.getByRole('listitem')).toHaveText(['Main', 'Second']);
  await axe(page);
  await screenshots(page, 'credentials-share');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(field(page, 'Password')).toHaveValue(openstack.password);
  await button(page, 'Save').click();
  await question.getByRole('button', { name: 'Save for all accounts' }).click();
  await expect(page).toHaveURL(SAVED);
  await page.goto('/account-1/credentials');
  await expect(page.getByRole('row', { name: /^shared/ })).toContainText('Scalr, read-only here');
});

test('the list filters, sorts and shows what another adds', async ({ page, browser, server, openstack }) => {
  await page.goto('/account-1/credentials?cloud=openstack&sort=-name');
  const names = page.getByRole('table').getByRole('link');
  await expect(names).toHaveText(['shared', 'later', 'lab']);
  await axe(page);
  await screenshots(page, 'credentials');
  await page.getByRole('combobox', { name: 'Status' }).selectOption('disabled');
  await expect(names).toHaveText(['later']);
  await expect(page).toHaveURL(/status=disabled/);
  await page.getByRole('textbox', { name: 'Filter cloud credentials' }).fill('zzz');
  await expect(page.getByText('No cloud credentials match')).toBeVisible();
  await button(page, 'Clear the filter').click();
  await expect(names).toHaveText(['shared', 'later', 'lab', 'dc-east']);
  await page.getByRole('button', { name: 'Name' }).click();
  await expect(names).toHaveText(['dc-east', 'lab', 'later', 'shared']);

  const other = await another(browser, server);
  await other.goto(`${server.url}${NEW}?cloud=openstack`);
  await fillOpenstack(other, 'another', openstack.keystoneUrl, openstack.password);
  await button(other, 'Save').click();
  await expect(other).toHaveURL(SAVED);
  await expect(names).toHaveText(['another', 'dc-east', 'lab', 'later', 'shared']);
  await other.context().close();
});

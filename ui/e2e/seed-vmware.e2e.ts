import type { Locator, Page } from '@playwright/test';

import { axe, expect, screenshots, test, Vcenter } from './fixtures';

// The page “Connecting to VMware vSphere” from its first step to its last, by somebody who has read nothing else: from
// one place to the next by what is on the screen, not by addresses.
test.describe.configure({ mode: 'serial' });

const menu = (page: Page) => page.getByRole('navigation', { name: 'Pages of this scope' });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const button = (at: Page | Locator, name: string) => at.getByRole('button', { name, exact: true });
/** The one that is open says so. */
const MAIN = /^Main( open)?$/;

/** The page's table of permissions. */
const PERMISSIONS = Object.entries({
  Datastore: 'AllocateSpace Browse DeleteFile FileManagement',
  Folder: 'Create Delete',
  Global: 'CancelTask Diagnostics ManageCustomFields SetCustomField',
  Network: 'Assign',
  Resource: 'AssignVMToPool DeletePool',
  Sessions: 'ValidateSession',
  'VirtualMachine.Config':
    'SwapPlacement Settings Resource Rename RemoveDisk RawDevice MksControl Memory HostUSBDevice EditDevice DiskExtend CPUCount ChangeTracking Annotation AdvancedConfig AddRemoveDevice AddNewDisk AddExistingDisk',
  'VirtualMachine.Interact': 'Suspend Reset PowerOn PowerOff DeviceConnection ConsoleInteract',
  'VirtualMachine.Inventory': 'Create Delete',
  'VirtualMachine.Provisioning':
    'DeployTemplate CloneTemplate Clone CreateTemplateFromVM Customize ModifyCustSpecs ReadCustSpecs',
  'VirtualMachine.State': 'CreateSnapshot',
}).flatMap(([group, names]) => names.split(' ').map((name) => `${group}.${name}`));

async function goTo(page: Page, scope: string | RegExp, noun: string) {
  await page.getByRole('button', { name: /^Scope: / }).click();
  await page.getByRole('menuitem', { name: scope }).click();
  await menu(page).getByRole('link', { name: noun }).click();
}

/** The fields in the order of the page's picture. */
async function fill(page: Page, name: string, url: string, linked: string[] = []) {
  await field(page, 'Name').fill(name);
  await field(page, 'URL').fill(url);
  for (const [index, it] of linked.entries()) {
    await button(page, 'Add URL').click();
    await field(page, `URL of linked vCenter ${index + 1}`).fill(it);
  }
  await field(page, 'User name').fill(Vcenter.user);
  await field(page, 'Password').fill(Vcenter.password);
}

const doNotVerify = (page: Page) =>
  page.getByRole('checkbox', { name: 'Verify the TLS certificates of this cloud' }).uncheck();

test('1: the user, and the permissions it needs', async ({ page, vcenter }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Add vSphere' }).click();
  await page.getByRole('button', { name: /^Before you begin/ }).click();
  const user = page.getByRole('region', { name: 'The user of the vCenter' });
  await user.getByRole('textbox', { name: 'User' }).fill('svc-stackyard@corp.example');
  const script = user.getByRole('region', { name: 'Text of the script' });
  await expect(script).toContainText('corp.example\\svc-stackyard');
  await button(user, 'Copy the role script').click();
  await expect(button(user, 'Copied')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split(/\s+/)).toEqual(expect.arrayContaining(PERMISSIONS));
  // The port, before there is a user.
  const { url } = await vcenter(['-strict']);
  await field(page, 'URL to try').fill(url);
  await button(page, 'Try the ports').click();
  const report = page.getByRole('region', { name: 'Report of the checks' });
  // Open, but its certificate is not trusted.
  await expect(report.getByText(/SHA-256/).first()).toBeVisible();
  await doNotVerify(page);
  await button(page, 'Try the ports').click();
  await expect(report.getByText('warning', { exact: true })).toBeVisible();
  await report.getByRole('button', { name: /besides$/ }).click();
  await expect(report.getByText('accepts connections')).toBeVisible();
  await axe(page);
  await screenshots(page, 'seed-vmware-user');
});

test('1: the report tells each permission of the page', async ({ page, vcenter }) => {
  const { url } = await vcenter(['-strict']);
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Add vSphere' }).click();
  await fill(page, 'to-check', url);
  await doNotVerify(page);
  await button(page, 'Check without saving').click();
  await expect(page.getByText('The cloud accepts this')).toBeVisible();
  await page.getByRole('button', { name: /^\d+ privileges: / }).click();
  const list = page.getByRole('region', { name: /^Privileges on / });
  const cells = await list.getByRole('cell').allInnerTexts();
  expect(PERMISSIONS).toHaveLength(48);
  expect(cells).toEqual(expect.arrayContaining(PERMISSIONS));
  const create = list.getByRole('row', { name: /^Datastore.AllocateSpace / });
  await expect(create).toContainText('passed');
  await expect(create).toContainText('Room on a datastore for new machines and disks');
});

test('2: the instance connection policy', async ({ page, server }) => {
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Add vSphere' }).click();
  await page.getByRole('button', { name: /^Before you begin/ }).click();
  await page.getByRole('link', { name: 'System, Connection policy' }).click();
  const policy = page.getByRole('row', { name: /^VMware vSphere/ });
  await expect(policy).toContainText('auto');
  const change = page.getByRole('region', { name: 'How to change it' });
  await change.getByText('VMware vSphere').click();
  const entry = change.getByRole('region', { name: 'Text of the entry for scalr-server.rb' });
  await expect(entry).toContainText('"vmware" => {');
  await expect(change).toContainText('Merge this entry into the app[:configuration]');
  const toml = change.getByRole('region', { name: 'Text of the lines for stackyard.toml' });
  expect(server.reconfigure(await toml.innerText())).toContain('vmware.instances_connection_policy');
  await expect(policy).toContainText(/local.*stackyard\.toml:3/);
});

test('2: the entry of scalr-server.rb works as it is there', async ({ page, server }) => {
  await goTo(page, 'Scalr scope', 'System');
  await page.getByRole('tab', { name: 'Connection policy' }).click();
  const change = page.getByRole('region', { name: 'How to change it' });
  await change.getByText('VMware vSphere').click();
  const entry = change.getByRole('region', { name: 'Text of the entry for scalr-server.rb' });
  server.reconfigureLegacy(await entry.innerText());
  await expect(page.getByRole('row', { name: /^VMware vSphere/ })).toContainText(
    /local.*scalr-server\.rb:\d/,
  );
});

test('3: two linked vCenters at account scope, from the main menu', async ({ page, vcenter }) => {
  const [first, second] = [await vcenter(), await vcenter()];
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Add vSphere' }).click();
  await expect(page.getByText('No linked vCenters.')).toBeVisible();
  await fill(page, 'cs', first.url, [second.url]);
  await doNotVerify(page);
  await axe(page);
  await screenshots(page, 'seed-vmware-form');
  await button(page, 'Save').click();
  await expect(page.getByRole('heading', { level: 1, name: 'cs' })).toBeVisible();

  // The screen that is similar to the page's.
  const facts = page.getByRole('region', { name: 'Credentials', exact: true });
  const [, id = ''] = /credentials\/([\da-f]+)/.exec(page.url()) ?? [];
  expect(id).toMatch(/^[\da-f]{12}$/);
  for (const text of ['VMware vSphere', id, 'cs', first.url, second.url, Vcenter.user, 'no environment'])
    await expect(facts).toContainText(text);
  await expect(facts).toContainText('off: any certificate is accepted');
  const details = page.getByRole('region', { name: 'Cloud details' });
  await expect(details.getByText('VirtualCenter')).toHaveCount(2);
  await expect(details.getByText('7.0.3', { exact: true })).toHaveCount(2);
  await expect(button(page, 'Clear the cache')).toBeVisible();

  // Ports that are not the usual one are marked.
  await page.getByRole('tab', { name: 'Endpoints' }).click();
  const endpoints = page.getByRole('region', { name: 'Table of endpoints' });
  for (const { url } of [first, second])
    await expect(endpoints.getByRole('row', { name: new RegExp(new URL(url).port) })).toContainText(
      'no, another',
    );
  await screenshots(page, 'seed-vmware-endpoints');
});

test('3: credentials at Scalr scope, for all accounts', async ({ page, vcenter }) => {
  const { url } = await vcenter();
  await goTo(page, 'Scalr scope', 'Cloud credentials');
  await page.getByRole('link', { name: 'Add vSphere' }).click();
  await expect(page.getByText('Add them to an account unless all accounts may use this cloud')).toBeVisible();
  await fill(page, 'for-everybody', url);
  await doNotVerify(page);
  await button(page, 'Save').click();
  await expect(page.getByRole('dialog').getByRole('listitem')).toHaveText(['Main']);
  await button(page, 'Save for all accounts').click();
  await expect(page.getByRole('heading', { level: 1, name: 'for-everybody' })).toBeVisible();
  await expect(page.getByText('Each account links them to its own environments.')).toBeVisible();
});

test('3: credentials from the environment, which are then linked to it', async ({ page, vcenter }) => {
  const { url } = await vcenter();
  await goTo(page, MAIN, 'Environments');
  await page.getByRole('link', { name: 'Default' }).click();
  const card = page.getByRole('region', { name: 'VMware vSphere', exact: true });
  await card.getByRole('button', { name: 'Link VMware vSphere credentials' }).click();
  const picker = page.getByRole('dialog', { name: 'Select credentials for VMware vSphere' });
  await expect(picker.getByRole('listitem')).toHaveText([/^cs.*not in use/, /^for-everybody.*not in use/]);
  await picker.getByRole('link', { name: 'Add new credentials' }).click();
  await fill(page, 'from-environment', url);
  // Not trusted at first: compared, pinned, saved and linked.
  await button(page, 'Save').click();
  await page.getByRole('checkbox', { name: 'I compared the fingerprint' }).check();
  await button(page, 'Pin this certificate').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Default' })).toBeVisible();
  await expect(card.getByRole('link', { name: 'from-environment' })).toBeVisible();
  await expect(card.getByRole('link', { name: 'DC0' })).toBeVisible();
});

test('3: credentials that are there are linked, and the datacenters can be used', async ({ page }) => {
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'cs', exact: true }).click();
  await page.getByRole('link', { name: 'Open one to link them' }).click();
  await button(page, 'New environment').click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Customer Success');
  await page.keyboard.press('Enter');
  const card = page.getByRole('region', { name: 'VMware vSphere', exact: true });
  await card.getByRole('button', { name: 'Link VMware vSphere credentials' }).click();
  await button(page.getByRole('dialog'), 'Link cs').click();
  // One datacenter of each vCenter.
  await expect(card.getByRole('link', { name: 'DC0' })).toHaveCount(2);
  await card.getByRole('link', { name: 'cs', exact: true }).click();
  const facts = page.getByRole('region', { name: 'Credentials', exact: true });
  await expect(facts.getByRole('link', { name: 'Customer Success' })).toBeVisible();
  const cache = page.getByRole('region', { name: 'Cache' });
  await button(cache, 'Clear the cache').click();
  await expect(cache.getByRole('status', { name: 'The cache is cleared' })).toContainText('succeeded');
  await screenshots(page, 'seed-vmware-saved');
  await facts.getByRole('link', { name: 'Customer Success' }).click();
  await card.getByRole('link', { name: 'DC0' }).first().click();
  const kinds = page.getByRole('navigation', { name: 'Kinds of inventory' });
  for (const kind of ['Machines', 'Templates', 'Networks', 'Datastores', 'Tree'])
    await expect(kinds.getByRole('link', { name: kind })).toBeVisible();
  await expect(page.getByRole('row', { name: /DC0_H0_VM0/ })).toBeVisible();
});

import { randomUUID } from 'node:crypto';

import type { Locator, Page } from '@playwright/test';

import { axe, expect, screenshots, test } from './fixtures';
import { makeFlavor } from './operator';
import type { Openstack } from './processes';

// The page “Connecting to OpenStack” from its first step to its last, by somebody who has read nothing else: from one
// place to the next by what is on the screen, not by addresses.
test.describe.configure({ mode: 'serial' });

const menu = (page: Page) => page.getByRole('navigation', { name: 'Pages of this scope' });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const button = (at: Page | Locator, name: string) => at.getByRole('button', { name, exact: true });

/** The table of the page: its names, types and default ports. */
const SERVICES = [
  ['Nova', 'nova-api', 'compute', 8774],
  ['Keystone', 'keystone', 'identity', 5000],
  ['Neutron', 'neutron', 'network', 9696],
  ['Swift', 'swift-proxy', 'object-store', 8080],
  ['Glance', 'glance', 'image', 9292],
  ['Cinder', 'cinder-api', 'volumev2', 8776],
] as const;

/** The one that is open says so. */
const MAIN = /^Main( open)?$/;
const DEFAULT = /^Default Main/;

async function goTo(page: Page, scope: string | RegExp, noun: string) {
  await page.getByRole('button', { name: /^Scope: / }).click();
  await page.getByRole('menuitem', { name: scope }).click();
  await menu(page).getByRole('link', { name: noun }).click();
}

/** The fields in the order of the page's picture. */
async function fill(page: Page, name: string, cloud: Openstack) {
  await field(page, 'Name').fill(name);
  await field(page, 'Keystone URL').fill(cloud.keystoneUrl);
  await field(page, 'User name').fill('demo');
  await field(page, 'Password').fill(cloud.password);
  await field(page, 'Project (tenant)').fill('demo');
}

test('1: the API ports that have to be open', async ({ page, openstack }) => {
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Add OpenStack' }).click();
  await page.getByRole('button', { name: /^Before you begin/ }).click();
  const ports = page.getByRole('region', { name: 'Ports', exact: true });
  const defaults = ports.getByRole('region', { name: 'Default ports' });
  for (const [name, , type, port] of SERVICES) {
    const row = defaults.getByRole('row', { name: new RegExp(`^${name} `) });
    await expect(row).toContainText(type);
    await expect(row).toContainText(String(port));
  }
  await expect(ports).toContainText('All TCP, and only from the control plane to OpenStack');

  // Without a user or a password: is the way open?
  await expect(button(ports, 'Try the ports')).toBeDisabled();
  await field(page, 'URL to try').fill(openstack.keystoneUrl);
  await button(ports, 'Try the ports').click();
  const report = ports.getByRole('region', { name: 'Report of the checks' });
  await expect(report.getByText(/^ended/)).toBeVisible();
  await expect(report.getByText(/identity API v3/)).toBeVisible();
  await expect(field(page, 'Keystone URL')).toHaveValue(openstack.keystoneUrl);
  await axe(page);
  await screenshots(page, 'seed-openstack-ports');

  await field(page, 'URL to try').fill('http://127.0.0.1:1/v3');
  await page.keyboard.press('Enter');
  await expect(report.getByText(/refused/).first()).toBeVisible();
  await field(page, 'URL to try').fill('keystone.example');
  await page.keyboard.press('Enter');
  await expect(report.getByText(/correct the URL|Correct the URL/).first()).toBeVisible();
});

test('3: the instance connection policy', async ({ page, server }) => {
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Add OpenStack' }).first().click();
  await page.getByRole('button', { name: /^Before you begin/ }).click();
  await page.getByRole('link', { name: 'System, Connection policy' }).click();
  const policy = page.getByRole('row', { name: /^OpenStack/ });
  await expect(page.getByRole('row', { name: /^all platforms/ })).toContainText(/auto.*default/);
  await expect(policy).toContainText('auto');
  const meaning = page.locator('dl.facts');
  for (const what of [
    'the public address, never another',
    'the private address, never another',
    'the public address where there is one, else the private one',
  ])
    await expect(meaning.getByRole('definition').filter({ hasText: what })).toBeVisible();
  await expect(meaning).toContainText('routing, peering or a VPN');

  const change = page.getByRole('region', { name: 'How to change it' });
  await expect(change).toContainText('Merge this entry into the app[:configuration]');
  await expect(change.getByRole('region', { name: 'Text of the entry for scalr-server.rb' })).toContainText(
    '"openstack" => {',
  );
  await expect(change).toContainText('sudo stackyard admin reconfigure');
  const toml = await change.getByRole('region', { name: 'Text of the lines for stackyard.toml' }).innerText();
  await axe(page);
  await screenshots(page, 'seed-openstack-policy');
  // What the page says is put into the file as it is, and applied.
  expect(server.reconfigure(toml)).toContain('openstack.instances_connection_policy');
  await expect(policy).toContainText(/local.*stackyard\.toml:3/);
});

test('4: credentials at account scope, from the main menu', async ({ page, openstack }) => {
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Add OpenStack' }).click();
  await fill(page, 'Openstack US Lab', openstack);
  await expect(
    page.getByRole('checkbox', { name: 'Verify the TLS certificates of this cloud' }),
  ).toBeChecked();
  await button(page, 'Save').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Openstack US Lab' })).toBeVisible();

  // The screen that is similar to the page's.
  const facts = page.getByRole('region', { name: 'Credentials', exact: true });
  const [, id = ''] = /credentials\/([\da-f]+)/.exec(page.url()) ?? [];
  expect(id).toMatch(/^[\da-f]{12}$/);
  for (const text of [
    'OpenStack',
    id,
    'Openstack US Lab',
    openstack.keystoneUrl,
    'demo',
    'certificates must be',
  ])
    await expect(facts).toContainText(text);
  await expect(facts).not.toContainText(openstack.password);
  await expect(facts.getByText('no environment')).toBeVisible();
  await expect(button(page, 'Clear the cache')).toBeVisible();
  await page.getByRole('tab', { name: 'RegionOne' }).click();
  await expect(page.getByRole('region', { name: 'Endpoint versions', exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Service extensions' })).toBeVisible();

  // `keystone catalog`: the exact ports of this installation, those that differ marked.
  await page.getByRole('tab', { name: 'Endpoints' }).click();
  const endpoints = page.getByRole('region', { name: 'Table of endpoints' });
  for (const [name, service, , usual] of SERVICES) {
    const port = openstack.ports[service];
    const row = endpoints
      .getByRole('row')
      .filter({ hasText: new RegExp(`${name}`, 'i') })
      .filter({ hasText: 'public' })
      .filter({ has: page.getByRole('cell', { name: String(port), exact: true }) });
    await expect(row.first(), name).toContainText(port === usual ? 'yes' : 'no, another');
    const rule = page.getByRole('region', { name: 'Table of firewall rules' });
    await expect(rule.getByRole('row', { name: new RegExp(`:${port}\\b`) })).toContainText('control plane');
  }
});

test('4: credentials at Scalr scope, for all accounts', async ({ page, openstack }) => {
  await goTo(page, 'Scalr scope', 'Cloud credentials');
  await page.getByRole('link', { name: 'Add OpenStack' }).click();
  await expect(page.getByText('At Scalr scope: every account may use them.')).toBeVisible();
  await fill(page, 'for-everybody', openstack);
  await button(page, 'Save').click();
  await button(page, 'Save for all accounts').click();
  await expect(page.getByRole('heading', { level: 1, name: 'for-everybody' })).toBeVisible();
  await goTo(page, MAIN, 'Cloud credentials');
  await expect(page.getByRole('row', { name: /^for-everybody/ })).toContainText('Scalr, read-only here');
});

test('4: credentials from the environment, which are then linked to it', async ({ page, openstack }) => {
  await goTo(page, MAIN, 'Environments');
  await button(page, 'New environment').click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Development');
  await page.keyboard.press('Enter');
  const card = page.getByRole('region', { name: 'OpenStack', exact: true });
  await card.getByRole('button', { name: 'Link OpenStack credentials' }).click();
  const picker = page.getByRole('dialog', { name: 'Select credentials for OpenStack' });
  await expect(picker.getByRole('listitem')).toHaveCount(2);
  await picker.getByRole('link', { name: 'Add new credentials' }).click();
  await expect(page.getByText('the environment Development is linked to them')).toBeVisible();
  await fill(page, 'dev-lab', openstack);
  await button(page, 'Save').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Development' })).toBeVisible();
  await expect(card.getByRole('link', { name: 'dev-lab' })).toBeVisible();
  await expect(card.getByRole('row', { name: /^RegionOne/ })).toBeVisible();

  // The credentials tell who uses them, and lead back.
  await card.getByRole('link', { name: 'dev-lab' }).click();
  const facts = page.getByRole('region', { name: 'Credentials', exact: true });
  await facts.getByRole('link', { name: 'Development' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Development' })).toBeVisible();
});

test('credentials that are there are linked to an environment, which can then use the cloud', async ({
  page,
}) => {
  await goTo(page, MAIN, 'Cloud credentials');
  await page.getByRole('link', { name: 'Openstack US Lab' }).click();
  await page.getByRole('link', { name: 'Open one to link them' }).click();
  await page.getByRole('link', { name: 'Default' }).click();
  const card = page.getByRole('region', { name: 'OpenStack', exact: true });
  await card.getByRole('button', { name: 'Link OpenStack credentials' }).click();
  await button(page.getByRole('dialog'), 'Link Openstack US Lab').click();
  await expect(card.getByText('active')).toBeVisible();
  await card.getByRole('link', { name: 'RegionOne' }).click();
  const kinds = page.getByRole('navigation', { name: 'Kinds of inventory' });
  for (const kind of ['Machines', 'Images', 'Networks', 'Instance types'])
    await expect(kinds.getByRole('link', { name: new RegExp(`^${kind}`) })).toBeVisible();
});

test('a changed flavor is seen when the cache is cleared, not before', async ({ page, openstack }) => {
  const flavors = async () => {
    await goTo(page, DEFAULT, 'Inventory');
    await page.getByRole('link', { name: 'RegionOne' }).click();
    await page.getByRole('link', { name: /^Instance types/ }).click();
    await expect(page.getByRole('table').getByRole('row', { name: /m1\./ }).first()).toBeVisible();
  };
  await flavors();
  const name = `story-${randomUUID()}`;
  const remove = await makeFlavor(openstack, name);
  try {
    await page.reload();
    await flavors();
    await expect(page.getByText(name)).toHaveCount(0);
    await goTo(page, MAIN, 'Cloud credentials');
    await page.getByRole('link', { name: 'Openstack US Lab' }).click();
    const cache = page.getByRole('region', { name: 'Cache' });
    await expect(cache.getByText(/^[1-9]\d* instance types, /)).toBeVisible();
    await button(cache, 'Clear the cache').click();
    await expect(cache.getByText(/^[1-9]\d* instance types were dropped/)).toBeVisible();
    await axe(page);
    await screenshots(page, 'seed-openstack-saved');
    await flavors();
    await expect(page.getByText(name)).toBeVisible();
  } finally {
    await remove();
  }
});

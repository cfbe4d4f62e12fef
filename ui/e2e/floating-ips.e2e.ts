import { openstackFarm, openstackGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

/** Neutron, Nova and the reconciler take some seconds for each step. */
const STEP_MS = 60_000;

test('a floating IP is made, given to a server, taken back and released', async ({
  page,
  server,
  asAdmin,
  openstack,
}) => {
  const ground = await openstackGround(asAdmin, 'Addresses', openstack);
  const path = `${server.url}/environment-${ground.environment}`;
  const name = `front-${Date.now()}`;
  const dialog = page.getByRole('dialog');
  const row = page.getByRole('row', { name: new RegExp(name) });

  await page.goto(`${path}/floating-ips`);
  await expect(page.getByText('No floating IPs yet')).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: 'New floating IP' }).first().click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByText('Give the floating IP a name.')).toBeVisible();
  await expect(dialog.getByText('Choose an external network.')).toBeVisible();
  await axe(page);
  await screenshots(page, 'floating-ip-wrong');
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('combobox', { name: 'External network' }).click();
  await page.getByRole('option', { name: 'public', exact: true }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(row).toContainText('ready', { timeout: STEP_MS });
  await expect(row).toContainText(/203\.0\.113\.\d+/);
  await axe(page);
  await screenshots(page, 'floating-ips');

  const farm = await openstackFarm(asAdmin, ground, 'bearer');
  const user = `/user/${ground.environment}`;
  await asAdmin.post(`${user}/farms/${farm}/actions/launch/`);
  await page.goto(`${path}/farms/${farm}`);
  await expect(page.getByRole('cell', { name: 'running', exact: true })).toBeVisible({ timeout: STEP_MS });
  await page.getByRole('link', { name: 'bearer-1' }).first().click();
  await page.getByRole('tab', { name: 'Storage and addresses' }).click();
  await page.getByRole('button', { name: 'Add floating IP' }).click();
  await dialog.getByRole('combobox', { name: 'Or one of this environment' }).click();
  await page.getByRole('option', { name: new RegExp(name) }).click();
  await axe(page);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  const addresses = page.getByRole('region', { name: 'Floating IPs' }).first();
  await expect(addresses.getByRole('cell', { name: /^203\.0\.113\.\d+/ }).first()).toBeVisible({
    timeout: STEP_MS,
  });

  await page.goto(`${path}/floating-ips`);
  await row.getByRole('button', { name: `Release ${name}` }).click();
  await dialog.getByRole('button', { name: 'Release' }).click();
  await expect(dialog.getByRole('alert')).toContainText('is used by server bearer-1');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await asAdmin.post(`${user}/farms/${farm}/actions/terminate/`, {});
  await page.goto(`${path}/farms/${farm}`);
  await expect(page.getByRole('cell', { name: 'terminated', exact: true })).toBeVisible({ timeout: STEP_MS });
  await page.goto(`${path}/floating-ips`);
  await row.getByRole('button', { name: `Release ${name}` }).click();
  await dialog.getByRole('button', { name: 'Release' }).click();
  await expect(row).toContainText('deleted', { timeout: STEP_MS });
});

import { openstackFarm, openstackGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

/** Neutron, Nova and the reconciler take some seconds for each step. */
const STEP_MS = 60_000;

test('a private network is made with its rules, changed and deleted', async ({
  page,
  server,
  asAdmin,
  openstack,
}) => {
  const ground = await openstackGround(asAdmin, 'Networks', openstack);
  const user = `/user/${ground.environment}`;
  const list = `${server.url}/environment-${ground.environment}/networks`;
  const name = `shop-${Date.now()}`;
  const dialog = page.getByRole('dialog');
  const field = (label: string) => dialog.getByRole('textbox', { name: label, exact: true });
  const status = (word: string) => page.getByText(word, { exact: true }).first();

  await page.goto(list);
  await expect(page.getByText('No private networks yet')).toBeVisible();
  await axe(page);
  await screenshots(page, 'networks-empty');
  await page.getByRole('button', { name: 'New private network' }).first().click();
  await expect(field('Name')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Give the network a name.')).toBeVisible();
  await expect(dialog.getByText('A range of addresses, such as 10.1.0.0/24.')).toBeVisible();
  await field('Name').fill(name);
  await field('Addresses').fill('10.71.0.0/31');
  await field('DNS servers').fill('9.9.9.9, fd00::1, nobody');
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  await expect(field('Ports of rule 1')).toHaveValue('22');
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  await field('Ports of rule 2').fill('8080-8000');
  await field('Rule 2 allows').fill('10.0.0.0/33');
  await dialog.getByRole('button', { name: 'Create' }).click();
  for (const message of [
    'It has no room for servers; a /24 has room for about 250.',
    'nobody is no IP address.',
    '1 to 65535, such as 22 or 8000-8080.',
  ])
    await expect(dialog.getByText(message)).toBeVisible();
  await expect(dialog.getByText('A range or address, such as 10.0.0.0/8.')).toHaveCount(2);
  await axe(page);
  await screenshots(page, 'network-wrong');
  await field('Addresses').fill('10.71.0.0/24');
  await field('DNS servers').fill('9.9.9.9, fd00::1');
  await field('Rule 1 allows').fill('10.0.0.0/8');
  await field('Ports of rule 2').fill('22');
  await field('Rule 2 allows').fill('10.0.0.0/8');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(
    dialog.getByText('fd00::1 is not of the same kind as the addresses of the network.'),
  ).toBeVisible();
  await expect(dialog.getByText('The same as rule 1.')).toBeVisible();
  await field('DNS servers').fill('9.9.9.9 1.1.1.1');
  await field('Ports of rule 2').fill('8000 - 8080');
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  await dialog.getByRole('combobox', { name: 'Protocol of rule 3' }).click();
  await page.getByRole('option', { name: 'ICMP' }).click();
  await expect(field('Ports of rule 3')).toBeDisabled();
  await field('Rule 3 allows').fill('0.0.0.0/0');
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  await dialog.getByRole('button', { name: 'Remove rule 4' }).click();
  await expect(dialog.getByRole('button', { name: 'Add rule' })).toBeFocused();
  await dialog.getByRole('combobox', { name: 'External network' }).click();
  await page.getByRole('option', { name: 'public', exact: true }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();

  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(status('ready')).toBeVisible({ timeout: STEP_MS });
  const rules = page.getByRole('region', { name: 'Rules' }).first();
  await expect(rules.getByRole('row', { name: 'TCP 22 10.0.0.0/8' })).toBeVisible();
  await expect(rules.getByRole('row', { name: 'TCP 8000-8080 10.0.0.0/8' })).toBeVisible();
  await expect(rules.getByRole('row', { name: 'ICMP – 0.0.0.0/0' })).toBeVisible();
  const parts = page.getByRole('region', { name: 'Parts in the cloud' }).first();
  for (const part of ['Network', 'Subnet', 'Security group', 'Router'])
    await expect(parts.getByRole('row', { name: new RegExp(`^${part} `) })).toBeVisible();
  const facts = page.getByRole('region', { name: 'Facts' });
  await expect(facts).toContainText('9.9.9.9, 1.1.1.1');
  await expect(facts).toContainText('public');
  await expect(facts).toContainText('no server');
  await axe(page);
  await screenshots(page, 'network');

  // All rules are there to be changed, and those that are left out are gone.
  await page.getByRole('button', { name: 'Edit rules and DNS' }).click();
  await expect(field('DNS servers')).toHaveValue('9.9.9.9, 1.1.1.1');
  await expect(field('Ports of rule 2')).toHaveValue('8000-8080');
  await dialog.getByRole('button', { name: 'Remove rule 1' }).click();
  await field('Ports of rule 1').fill('');
  await field('DNS servers').fill('');
  await axe(page);
  await screenshots(page, 'network-rules');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(rules.getByRole('row', { name: 'TCP all 10.0.0.0/8' })).toBeVisible();
  await expect(rules.getByRole('row')).toHaveCount(3);
  await expect(facts).toContainText('the cloud’s own');
  await expect(status('ready')).toBeVisible({ timeout: STEP_MS });

  // With a server on it, it is not deleted.
  const [made] = await asAdmin.get<{ parts: { kind: string; id: string }[] }[]>(`${user}/networks/`);
  const farm = await openstackFarm(
    asAdmin,
    ground,
    'tenant',
    made?.parts.find((it) => it.kind === 'network')?.id,
  );
  await asAdmin.post(`${user}/farms/${farm}/actions/launch/`);
  await page.goto(`${server.url}/environment-${ground.environment}/farms/${farm}`);
  await expect(page.getByRole('cell', { name: 'running', exact: true })).toBeVisible({ timeout: STEP_MS });
  await page.goto(list);
  await page.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(dialog.getByRole('alert')).toContainText('is used by server tenant-1');
  await expect(dialog.getByRole('alert')).toContainText('Terminate the servers');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await asAdmin.post(`${user}/farms/${farm}/actions/terminate/`, {});
  await page.goto(`${server.url}/environment-${ground.environment}/farms/${farm}`);
  await expect(page.getByRole('cell', { name: 'terminated', exact: true })).toBeVisible({ timeout: STEP_MS });

  await page.goto(list);
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('10.71.0.0/24');
  await axe(page);
  await screenshots(page, 'networks');
  await page.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(status('deleted')).toBeVisible({ timeout: STEP_MS });
  await expect(page.getByText('Nothing of it is in the cloud')).toBeVisible();
});

test('private networks need an OpenStack, and say so', async ({ page, server, asAdmin }) => {
  const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Netless' });
  await page.goto(`${server.url}/environment-${id}/networks`);
  await expect(page.getByText('No OpenStack is linked to this environment')).toBeVisible();
  await axe(page);
});

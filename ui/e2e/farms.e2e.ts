import type { Locator, Page } from '@playwright/test';

import { openstackGround, vsphereGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

/** The simulator and Nova take some seconds for each step. */
const STEP_MS = 60_000;

const farms = (environment: number) => `/environment-${environment}/farms`;

async function choose(page: Page, field: string, option: string | RegExp) {
  await page.getByRole('combobox', { name: field, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function allAre(tier: Locator, n: number, status: string) {
  await expect(tier.getByRole('cell', { name: status, exact: true })).toHaveCount(n, { timeout: STEP_MS });
}

test.describe('farms', () => {
  test('are made with what is typed, and say what is wrong with it', async ({ page, server, asAdmin }) => {
    const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Empty' });
    await asAdmin.post(`/user/${id}/farms/`, { name: 'taken', description: 'Somebody else’s' });
    await page.goto(`${server.url}${farms(id)}`);
    await expect(page.getByRole('row', { name: /taken/ })).toContainText('terminated');
    await page.getByRole('button', { name: 'New farm' }).click();
    const dialog = page.getByRole('dialog', { name: 'New farm' });
    const name = dialog.getByRole('textbox', { name: 'Name' });
    await expect(name).toBeFocused();
    await axe(page);
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Give the farm a name.')).toBeVisible();
    await expect(name).toBeFocused();
    await name.fill('x'.repeat(256));
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('At most 255 characters.')).toBeVisible();
    await name.fill('taken');
    await dialog.getByRole('textbox', { name: 'Description' }).fill('x'.repeat(4097));
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('At most 4096 characters.')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Description' }).fill('The shop');
    await dialog.getByRole('radio', { name: 'Sequential' }).check();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByRole('alert')).toContainText(
      'A farm named "taken" exists already in this environment.',
    );
    await expect(dialog.getByRole('textbox', { name: 'Description' })).toHaveValue('The shop');
    await name.fill('shop');
    await page.keyboard.press('Enter');

    await expect(page.getByRole('heading', { level: 1, name: 'shop' })).toBeVisible();
    await expect(page.getByText('The shop')).toBeVisible();
    await expect(page.getByText('No farm roles yet')).toBeVisible();
    await expect(page.getByText('Nothing yet')).toBeVisible();
    // There is nothing to launch.
    await expect(page.getByRole('button', { name: 'Launch' })).toHaveCount(0);
    await axe(page);
    await screenshots(page, 'farm-new');

    await page.getByRole('button', { name: 'Edit' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit' });
    await edit.getByRole('textbox', { name: 'Name' }).fill('store');
    await edit.getByRole('radio', { name: 'Simultaneous' }).check();
    await edit.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'store' })).toBeVisible();
    await expect(page.getByText(/, simultaneous, added/)).toBeVisible();

    await page.goto(`${server.url}${farms(id)}`);
    await page.getByRole('textbox', { name: 'Filter farms' }).fill('sto');
    await expect(page.getByRole('row')).toHaveCount(2);
    await page.reload();
    await expect(page.getByRole('textbox', { name: 'Filter farms' })).toHaveValue('sto');
    await page.getByRole('textbox', { name: 'Filter farms' }).fill('');
    await page.getByRole('button', { name: 'Name' }).click();
    await expect(page).toHaveURL(/sort=name/);
    await page.getByRole('button', { name: 'Name' }).click();
    await expect(page.getByRole('row').nth(1)).toContainText('taken');
    await page.getByRole('link', { name: 'store' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Farms' })).toBeVisible();
    await expect(page.getByText('Farm store is deleted.')).toBeVisible();
    await expect(page.getByRole('row', { name: /taken/ })).toBeVisible();
    await expect(page.getByRole('row', { name: /store/ })).toHaveCount(0);
  });

  test('lead a new user from nothing to servers that run', async ({ page, server, asAdmin, vcenter }) => {
    const ground = await vsphereGround(asAdmin, 'Shop', await vcenter(['-template', '1']));
    await page.goto(`${server.url}${farms(ground.environment)}`);
    await expect(page.getByText('No farms yet')).toBeVisible();
    await axe(page);
    await screenshots(page, 'farms-empty');
    await page.getByRole('button', { name: 'New farm' }).first().click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('shop');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Add farm role' }).click();

    // What is missing is told beside each field, and the first of them has the focus.
    await expect(page.getByRole('heading', { level: 1, name: 'New farm role' })).toBeVisible();
    const add = page.getByRole('button', { name: 'Add farm role' });
    await add.click();
    for (const message of [
      'Give the farm role an alias.',
      'Choose a role.',
      'Choose a cloud.',
      'Choose a location.',
    ])
      await expect(page.getByText(message)).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Alias' })).toBeFocused();
    await page.getByRole('textbox', { name: 'Alias' }).fill('web');
    await choose(page, 'Role', /^base/);
    // The only cloud and location with an image of the role.
    await expect(page.getByRole('combobox', { name: 'Cloud', exact: true })).toHaveValue('VMware vSphere');
    await expect(page.getByRole('combobox', { name: 'Location' })).toHaveValue(/^DC0/);
    await page.getByRole('textbox', { name: 'At least' }).fill('3');
    await page.getByRole('textbox', { name: 'At most' }).fill('2');
    await page.getByRole('textbox', { name: 'Launch index' }).fill('');
    await page.getByRole('textbox', { name: 'Wait for port' }).fill('65536');
    await add.click();
    for (const message of [
      'Choose an instance type.',
      'A whole number from 3 to 400.',
      'A whole number, 0 or more.',
      'A whole number from 1 to 65535, or nothing.',
      'Choose a folder.',
      'Choose a cluster or host, or a resource pool.',
    ])
      await expect(page.getByText(message)).toBeVisible();
    await axe(page);
    await screenshots(page, 'farm-role-wrong');
    await page.getByRole('textbox', { name: 'At least' }).fill('401');
    await add.click();
    await expect(page.getByText('A whole number from 0 to 400.')).toBeVisible();
    await page.getByRole('textbox', { name: 'At least' }).fill('2');
    await page.getByRole('textbox', { name: 'At most' }).fill('3');
    await page.getByRole('textbox', { name: 'Launch index' }).fill('0');
    await page.getByRole('textbox', { name: 'Wait for port' }).fill('');
    await choose(page, 'Instance type', /^micro: 1 vCPU, 1 GiB/);
    await choose(page, 'Networks', 'VM Network');
    await page.getByRole('combobox', { name: 'Networks', exact: true }).press('Escape');
    await choose(page, 'Folder', 'vm');
    await choose(page, 'Cluster or host', 'DC0_C0');
    await choose(page, 'Customization specification', 'vcsim-linux');
    // The simulator customizes no guest, so that its servers would wait for it: the second choice of the same takes it off.
    await choose(page, 'Customization specification', 'vcsim-linux');
    await expect(page.getByRole('combobox', { name: 'Customization specification' })).toHaveValue('');
    await page.getByRole('textbox', { name: 'Instance name' }).fill('x'.repeat(256));
    await add.click();
    await expect(page.getByText('At most 255 characters.')).toBeVisible();
    await page.getByRole('textbox', { name: 'Instance name' }).fill('shop-web-{SCALR_INSTANCE_INDEX}');
    await page.getByRole('button', { name: /^Variables/ }).click();
    await expect(page.getByText('{SCALR_FARM_NAME}')).toBeVisible();
    await axe(page);
    await screenshots(page, 'farm-role');
    await add.click();

    await expect(page.getByRole('heading', { level: 1, name: 'shop' })).toBeVisible();
    const tier = page.getByRole('region', { name: 'web', exact: true });
    for (const fact of ['base', 'VMware vSphere, datacenter DC0', 'micro', 'VM Network', '2 to 3'])
      await expect(tier.getByText(fact, { exact: true })).toBeVisible();

    // What the server refuses stands beside the form, with all that was typed.
    await page.getByRole('link', { name: 'Add farm role' }).click();
    await page.getByRole('textbox', { name: 'Alias' }).fill('web');
    await choose(page, 'Role', /^base/);
    await choose(page, 'Instance type', /^small/);
    await choose(page, 'Folder', 'vm');
    await choose(page, 'Resource pool', /^DC0_C0 \/ /);
    await add.click();
    await expect(page.getByRole('form', { name: 'Farm role' }).getByRole('alert')).toContainText(
      'A farm role named "web" exists already in this farm.',
    );
    await expect(page.getByRole('combobox', { name: 'Instance type' })).toHaveValue(/^small/);
    await page.getByRole('button', { name: 'Cancel' }).click();

    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    await allAre(tier, 2, 'running');
    await expect(tier.getByRole('link', { name: 'shop-web-2' })).toBeVisible();
    const log = page.getByRole('log');
    await expect(log.getByText('HostUp')).toHaveCount(2);
    await expect(log.getByRole('listitem').filter({ hasText: 'BeforeInstanceLaunch' }).first()).toContainText(
      /Order task-\d+/,
    );
    await axe(page);
    await screenshots(page, 'farm');

    await page.getByRole('button', { name: 'Suspend' }).click();
    const question = page.getByRole('dialog');
    await expect(question).toContainText('2 servers stop working until the farm is resumed.');
    await axe(page);
    await question.getByRole('button', { name: 'Suspend' }).click();
    await allAre(tier, 2, 'suspended');
    await page.getByRole('button', { name: 'Resume' }).click();
    await allAre(tier, 2, 'running');

    await page.getByRole('button', { name: 'Launch one more server of web' }).click();
    await allAre(tier, 3, 'running');
    await page.getByRole('button', { name: 'Launch one more server of web' }).click();
    const refusal = page.getByRole('alert').filter({ hasText: 'web cannot have one more server' });
    await expect(refusal).toContainText('maxInstances is 3');
    await refusal.getByRole('button', { name: 'Close' }).click();

    // What it is changed to counts for servers that are launched from then on.
    await tier.getByRole('link', { name: 'Edit web' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Farm role web' })).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Role', exact: true })).toHaveValue('base');
    await expect(page.getByRole('combobox', { name: 'Role', exact: true })).toBeDisabled();
    await expect(page.getByRole('combobox', { name: 'Folder' })).toHaveValue('vm');
    await expect(page.getByRole('combobox', { name: 'Cluster or host' })).toHaveValue('DC0_C0');
    await page.getByRole('textbox', { name: 'At least' }).fill('3');
    const hosts = page.getByRole('combobox', { name: 'Hosts', exact: true });
    await choose(page, 'Hosts', 'DC0_C0_H0');
    await choose(page, 'Hosts', 'DC0_C0_H1');
    await hosts.press('Escape');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('One host at most, unless Stackyard chooses from them.')).toBeVisible();
    await choose(page, 'Placement', 'Stackyard chooses for each server');
    await expect(page.getByRole('combobox', { name: 'Resource pool' })).toHaveCount(0);
    await axe(page);
    await screenshots(page, 'farm-role-placement');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(tier.getByText('3 to 3')).toBeVisible();
    await expect(tier.getByText('hosts chosen by Stackyard')).toBeVisible();

    // One that is terminated is replaced.
    await tier.getByRole('link', { name: 'shop-web-1' }).click();
    const id = await page
      .getByRole('region', { name: 'Facts' })
      .getByText(/^[\da-f-]{36}$/)
      .first()
      .innerText();
    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.getByRole('region', { name: 'Facts' }).getByRole('link', { name: 'shop' }).click();
    await expect(tier.getByRole('row', { name: /terminated/ })).toHaveCount(1, { timeout: STEP_MS });
    await allAre(tier, 3, 'running');
    await expect(tier.locator(`a[href$="${id}"]`)).toHaveCount(1);
    await expect(log.getByText(/of 2 hosts could take it/)).toHaveCount(1);

    // With servers it cannot be deleted.
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText(
      /The farm has 3 servers\..*Terminate the farm and wait until they are gone\./,
    );
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Terminate', exact: true }).click();
    await expect(page.getByRole('dialog')).toContainText(
      '3 servers are terminated: everything that was made for them, machines, disks and ports, is removed from the clouds.',
    );
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await allAre(tier, 4, 'terminated');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('No farms yet')).toBeVisible();
  });

  test('tell why a server fails, and what to do', async ({ page, server, asAdmin, openstack }) => {
    const ground = await openstackGround(asAdmin, 'Failing', openstack);
    const { id } = await asAdmin.post<{ id: number }>(`/user/${ground.environment}/farms/`, {
      name: 'failing',
    });
    const place = `/user/${ground.environment}/clouds/openstack/cloud-locations/${ground.location}`;
    const sizes = await asAdmin.get<{ id: string; name: string }[]>(`${place}/instance-types/?name=m1.tiny`);
    await asAdmin.post(`/user/${ground.environment}/farms/${id}/farm-roles/`, {
      alias: 'web',
      role: { id: ground.role },
      cloudPlatform: ground.platform,
      cloudLocation: ground.location,
      instanceType: { id: sizes[0]?.id },
      networking: { networks: [{ id: '00000000-0000-4000-8000-000000000000' }] },
    });
    await page.goto(`${server.url}${farms(ground.environment)}/${id}`);
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    const tier = page.getByRole('region', { name: 'web', exact: true });
    const failure = tier.getByRole('region', { name: /^Failure of / });
    await expect(failure).toContainText('The cloud does not take a network of the farm role.', {
      timeout: STEP_MS,
    });
    await expect(failure).toContainText('It stays so until something is changed.');
    await expect(failure).toContainText('Next: Choose other networks for the farm role.');
    await expect(failure).toContainText(/answered 404: Network .* could not be found.*req-/);
    await expect(failure.getByRole('button', { name: 'Copy what the cloud said' })).toBeVisible();
    const entry = page.getByRole('log').getByRole('listitem').filter({ hasText: 'ServerFailed' });
    await expect(entry.first()).toContainText('Next: Choose other networks for the farm role.');
    await axe(page);
    await screenshots(page, 'farm-failure');
    await page.goto(`${server.url}${farms(ground.environment)}`);
    await expect(page.getByRole('row', { name: /failing/ })).toContainText('1 pending launch');
    await page.getByRole('link', { name: 'failing' }).click();

    // The step that is told is done, and what failed is tried at once. The server has its network now.
    await tier.getByRole('link', { name: 'Edit web' }).click();
    await page.getByRole('combobox', { name: 'Networks', exact: true }).press('Backspace');
    await choose(page, 'Networks', 'private');
    await page.getByRole('combobox', { name: 'Networks', exact: true }).press('Escape');
    await choose(page, 'Security groups', 'default');
    await page.getByRole('combobox', { name: 'Security groups' }).press('Escape');
    await choose(page, 'Availability zones', 'az1');
    await page.getByRole('combobox', { name: 'Availability zones' }).press('Escape');
    await choose(page, 'Floating IP pool', 'public');
    await page.getByRole('button', { name: 'Read the cloud now' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(tier.getByText('private', { exact: true })).toBeVisible();
    await failure.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await allAre(tier, 1, 'running');
    await expect(failure).toHaveCount(0);
    await expect(tier.getByText(/^(10\.20|203\.0)\.\d+\.\d+$/)).toBeVisible();
    // The floating IP comes when it runs for the first time.
    await expect(page.getByRole('log').getByText('FloatingIpAdded')).toBeVisible({ timeout: STEP_MS });
    await tier.getByRole('link', { name: 'Edit web' }).click();
    await expect(page.getByRole('combobox', { name: 'Floating IP pool' })).toHaveValue('public');
    await page.getByRole('combobox', { name: 'Networks', exact: true }).press('Backspace');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Choose the network that floating IPs lead to.')).toBeVisible();
    await page.getByRole('button', { name: 'Cancel' }).click();

    // A volume to boot from, and a disk with the user data.
    await tier.getByRole('link', { name: 'Edit web' }).click();
    const rootVolume = page.getByRole('textbox', { name: 'Root volume' });
    await rootVolume.fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('A whole number from 1 to 16384, or nothing.')).toBeVisible();
    await expect(rootVolume).toBeFocused();
    await rootVolume.fill('2');
    await page.getByRole('checkbox', { name: 'Config drive' }).check();
    await axe(page);
    await screenshots(page, 'farm-role-openstack');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(tier.getByText('a volume of 2 GiB')).toBeVisible();
    await tier.getByRole('link', { name: 'Edit web' }).click();
    await expect(rootVolume).toHaveValue('2');
    await expect(page.getByRole('checkbox', { name: 'Config drive' })).toBeChecked();
    await rootVolume.fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(tier.getByText('a volume of 2 GiB')).toHaveCount(0);
    await page.getByRole('button', { name: 'Terminate', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await allAre(tier, 2, 'terminated');
  });
});

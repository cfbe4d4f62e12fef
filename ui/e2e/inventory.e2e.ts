import { readFileSync } from 'node:fs';

import { type Api, another, axe, expect, screenshots, test, Vcenter } from './fixtures';
import type { Openstack } from './processes';

const SMALL = ['-vm', '3', '-cluster', '2', '-host', '2', '-ds', '2', '-pod', '1', '-pool', '1'];
/** Three of these in each of two clusters and on one host alone are nine, of which templates are taken. */
const FLAGS = [...SMALL, '-template', '1', '-ip-base', '10.64.0.1'];
const N_MACHINES = 8;

test.describe('inventory', () => {
  test('says what to do while no cloud is linked', async ({ page, server }) => {
    await page.goto(`${server.url}/environment-1/inventory`);
    await expect(page.getByRole('heading', { level: 1, name: 'Inventory' })).toBeVisible();
    await expect(page.getByText('No cloud is linked to this environment')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Link a cloud' })).toHaveAttribute(
      'href',
      '/account-1/environments/1',
    );
    await axe(page);
    await screenshots(page, 'inventory-empty');
    await page.goto(`${server.url}/account-1/inventory`);
    await expect(page.getByText('Choose an environment')).toBeVisible();
  });

  test('of a vSphere is filtered, sorted, looked into and written to a file', async ({
    page,
    server,
    asAdmin,
    vcenter,
  }) => {
    const simulated = await vcenter(FLAGS);
    await linkVsphere(asAdmin, 1, simulated);
    await page.goto(`${server.url}/environment-1/inventory`);
    const clouds = page.getByRole('region', { name: 'VMware vSphere', exact: true });
    await expect(clouds.getByRole('row', { name: new RegExp(`DC0 ${N_MACHINES} `) })).toBeVisible();
    await axe(page);
    await screenshots(page, 'inventory-start');
    await clouds.getByRole('link', { name: 'DC0' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Machines in DC0' })).toBeVisible();
    const table = page.getByRole('region', { name: 'Machines of DC0' });
    await expect(page.getByText(`${N_MACHINES} machines`)).toBeVisible();
    await expect(table.getByRole('row')).toHaveCount(N_MACHINES + 1);
    await axe(page);
    await screenshots(page, 'inventory-machines');

    // All of what is chosen is in the address of the page.
    await page.getByRole('textbox', { name: 'Name contains' }).fill('c1_rp');
    await expect(page.getByText(/^3 machines$/)).toBeVisible();
    await expect(page).toHaveURL(/q=c1_rp/);
    await page.getByRole('button', { name: 'Memory' }).click();
    await expect(page.getByRole('columnheader', { name: 'Memory' })).toHaveAttribute(
      'aria-sort',
      'ascending',
    );
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'MoRef' }).check();
    await page.getByRole('checkbox', { name: 'Guest system' }).uncheck();
    await page.keyboard.press('Escape');
    await page.reload();
    await expect(page.getByText(/^3 machines$/)).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Name contains' })).toHaveValue('c1_rp');
    await expect(page.getByRole('columnheader', { name: 'MoRef' })).toBeVisible();
    await expect(page.getByRole('columnheader', { name: 'Guest system' })).toHaveCount(0);
    await expect(page.getByRole('columnheader', { name: 'Memory' })).toHaveAttribute(
      'aria-sort',
      'ascending',
    );

    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('machines-DC0.csv');
    const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('name,powerState,vcpus,memoryMib,connectionAddress,runsOn,id');
    expect(lines[1]).toMatch(/^DC0_C1_RP\d_VM\d,on,1,32,10\.64\.0\.\d+,DC0_C1_H\d,vm-\d+$/);
    await expect(page.getByText('machines-DC0.csv has 3 rows.')).toBeVisible();

    await page.getByRole('textbox', { name: 'Name contains' }).fill('no such name');
    await expect(page.getByText('No machine matches the filter')).toBeVisible();
    await axe(page);
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await expect(page.getByText(`${N_MACHINES} machines`)).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Name contains' })).toHaveValue('');

    // A filter by the host, come to from the host itself.
    await page.getByRole('link', { name: 'Hosts', exact: true }).click();
    await page.getByRole('link', { name: 'DC0_H0' }).click();
    await page.getByRole('link', { name: 'Machines on this host' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Machines in DC0' })).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Host' })).toHaveValue('DC0_H0');
    await expect(table.getByRole('cell', { name: 'DC0_H0', exact: true })).not.toHaveCount(0);
    await expect(table.getByRole('cell', { name: /^DC0_C/ })).toHaveCount(0);
  });

  test('explains and probes the address of a machine', async ({ page, server, asAdmin, vcenter }) => {
    const simulated = await vcenter(FLAGS);
    const env = await linkVsphere(asAdmin, await newEnvironment(asAdmin, 'probed'), simulated);
    await page.goto(`${server.url}${env.path}/machines`);
    await page.getByRole('region', { name: 'Machines of DC0' }).getByRole('link').first().click();
    const details = page.getByRole('dialog');
    await expect(details.getByText('the cloud says poweredOn')).toBeVisible();
    await expect(details.getByText(/^Stackyard connects to 10\.64\.0\.\d+$/)).toBeVisible();
    await details.getByRole('button', { name: 'Explain' }).click();
    await expect(
      details.getByText('auto: the public address where there is one, else the private one'),
    ).toBeVisible();
    await axe(page);
    await screenshots(page, 'inventory-machine');

    const port = details.getByRole('textbox', { name: 'TCP port' });
    for (const wrong of ['', '0', '70000']) {
      await port.fill(wrong);
      await port.press('Enter');
      await expect(details.getByText('A port is a whole number from 1 to 65535')).toBeVisible();
      await expect(port).toBeFocused();
    }
    await port.fill('22');
    await details.getByRole('button', { name: 'Probe' }).click();
    // The networks that the server of the tests may connect to.
    await expect(details.getByRole('alert')).toContainText(
      /10\.64\.0\.\d+ is refused: it is outside allowed_cloud_networks/,
    );
    await axe(page);

    // The machine has an address of its own in the console, and closing it leads back to the list.
    const opened = page.url();
    await page.keyboard.press('Escape');
    await expect(details).toHaveCount(0);
    await expect(page).not.toHaveURL(/id=/);
    await page.goto(opened);
    await expect(details.getByText('the cloud says poweredOn')).toBeVisible();
    await page.goto(`${server.url}${env.path}/machines?id=vm-none`);
    await expect(details.getByRole('alert')).toContainText('vm-none');
  });

  test('of a vSphere is a tree for the keyboard', async ({ page, server, asAdmin, vcenter }) => {
    const simulated = await vcenter(FLAGS);
    const env = await linkVsphere(asAdmin, await newEnvironment(asAdmin, 'tree'), simulated);
    await page.goto(`${server.url}${env.path}/tree`);
    const tree = page.getByRole('tree', { name: 'Tree of DC0' });
    const item = (name: string | RegExp) => tree.getByRole('treeitem', { name });
    await expect(item(/DC0_C0_H0 host/).last()).toBeVisible();
    await expect(tree.getByText(/GiB free of .* %/).first()).toBeVisible();
    await axe(page);
    await screenshots(page, 'inventory-tree');
    await tree.getByRole('treeitem').first().focus();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-value'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(/^clusters\//);
    await page.keyboard.press('ArrowLeft');
    await expect(tree.getByText('DC0_C0_H0')).toHaveCount(0);
    await page.keyboard.press('Space');
    await expect(tree.getByText('DC0_C0_H0')).toBeVisible();
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toMatch(/^hosts\//);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'DC0_C0_H0' })).toBeVisible();
    await expect(page).toHaveURL(/id=hosts/);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await page.getByRole('link', { name: 'Datastores', exact: true }).click();
    const datastores = page.getByRole('region', { name: 'Datastores of DC0' });
    await expect(datastores.getByText(/GiB free of .* %/).first()).toBeVisible();
    await axe(page);
    await screenshots(page, 'inventory-datastores');
    await datastores.getByRole('link').first().click();
    await expect(page.getByRole('dialog')).toContainText('Free space');
    await axe(page);
    await page.keyboard.press('Escape');
    for (const noun of [
      'Instance types',
      'Templates',
      'Networks',
      'Clusters',
      'Resource pools',
      'Folders',
      'Storage pods',
      'Customization specs',
    ]) {
      const kinds = page.getByRole('navigation', { name: 'Kinds of inventory' });
      await kinds.getByRole('link', { name: noun, exact: true }).click();
      await expect(page.getByRole('heading', { level: 1, name: `${noun} in DC0` })).toBeVisible();
      await expect(page.getByRole('region', { name: `${noun} of DC0` }).getByRole('row')).not.toHaveCount(0);
      await axe(page);
      await screenshots(page, `inventory-${noun.toLowerCase().replaceAll(' ', '-')}`);
    }
  });

  test('tells how old it is, and why it could not be read', async ({ page, server, asAdmin, vcenter }) => {
    const simulated = await vcenter(FLAGS);
    const env = await linkVsphere(asAdmin, await newEnvironment(asAdmin, 'ageing'), simulated);
    await page.goto(`${server.url}${env.path}/machines`);
    await expect(page.getByText(/^Observed /)).toBeVisible();
    await expect(page.getByText('stale', { exact: true })).toHaveCount(0);
    await simulated.stop();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.getByText('stale', { exact: true })).toBeVisible();
    await expect(page.getByText('These machines may have changed')).toBeVisible();
    await expect(page.getByText(/The last attempt to read the cloud failed\. Cannot reach/)).toBeVisible();
    // What is known stays.
    await expect(page.getByText(`${N_MACHINES} machines`)).toBeVisible();
    await axe(page);
    await screenshots(page, 'inventory-stale');
  });

  test('of OpenStack is seen, and what is launched there appears in every browser', async ({
    page,
    server,
    asAdmin,
    openstack,
    browser,
  }) => {
    const env = await newEnvironment(asAdmin, 'lab');
    const { id } = await asAdmin.post<{ id: string }>('/account/1/cloud-credentials/', {
      cloudCredentialsType: 'OpenstackCloudCredentials',
      provider: 'openstack',
      name: 'lab',
      keystoneUrl: openstack.keystoneUrl,
      userName: 'demo',
      password: openstack.password,
      tenantName: 'demo',
      domainName: 'Default',
    });
    await asAdmin.post(`/account/1/environments/${env}/clouds/openstack/`, { id });
    const path = `/environment-${env}/inventory/openstack/RegionOne`;
    await page.goto(`${server.url}${path}/networks`);
    const networks = page.getByRole('region', { name: 'Networks of RegionOne' });
    await expect(networks.getByRole('row', { name: /^public .* yes 203\.0\.113\.0\/24/ })).toBeVisible();
    await expect(networks.getByRole('row', { name: /^private .* no 10\.20\.0\.0\/20/ })).toBeVisible();
    await axe(page);
    await screenshots(page, 'inventory-networks-openstack');
    for (const noun of [
      'Instance types',
      'Images',
      'Security groups',
      'Availability zones',
      'Volume types',
    ]) {
      const kinds = page.getByRole('navigation', { name: 'Kinds of inventory' });
      await kinds.getByRole('link', { name: noun, exact: true }).click();
      const rows = page.getByRole('region', { name: `${noun} of RegionOne` }).getByRole('row');
      await expect(rows.nth(1)).toBeVisible();
      await axe(page);
    }
    await expect(page.getByRole('link', { name: 'Object containers' })).toBeVisible();

    const name = `e2e-inventory-${Date.now()}`;
    const other = await another(browser, server);
    const filtered = `${server.url}${path}/machines?q=${name}`;
    await page.goto(filtered);
    await other.goto(filtered);
    await expect(page.getByText('No machine matches the filter')).toBeVisible();
    await expect(other.getByText('No machine matches the filter')).toBeVisible();
    const machine = await launch(openstack, name);
    try {
      await page.getByRole('button', { name: 'Refresh' }).click();
      await expect(page.getByRole('link', { name })).toBeVisible();
      await expect(other.getByRole('link', { name })).toBeVisible();
      await page.getByRole('link', { name }).click();
      const details = page.getByRole('dialog', { name });
      await expect(details.getByText(machine.id).first()).toBeVisible();
      await expect(details.getByText('m1.tiny', { exact: false }).first()).toBeVisible();
      await axe(page);
      await screenshots(page, 'inventory-machine-openstack');
    } finally {
      await machine.remove();
      await other.context().close();
    }
  });

  test('says what is wrong with an address that is none of its own', async ({ page, server }) => {
    await page.goto(`${server.url}/environment-1/inventory/vmware/nowhere/planets`);
    await expect(page.getByRole('heading', { name: 'Nothing is at this address' })).toBeVisible();
    await page.goto(`${server.url}/environment-1/inventory/openstack/nowhere/machines`);
    await expect(page.getByRole('alert').first()).toContainText('The machines cannot be listed');
    await axe(page);
  });
});

async function newEnvironment(asAdmin: Api, name: string): Promise<number> {
  return (await asAdmin.post<{ id: number }>('/account/1/environments/', { name })).id;
}

/** Where the pages of its one datacenter begin. */
async function linkVsphere(asAdmin: Api, env: number, vcenter: Vcenter): Promise<{ path: string }> {
  const { id } = await asAdmin.post<{ id: string }>('/account/1/cloud-credentials/', {
    cloudCredentialsType: 'VmwareCloudCredentials',
    provider: 'vmware',
    name: `vsphere-${env}`,
    url: vcenter.url,
    userName: Vcenter.user,
    password: Vcenter.password,
    sslVerification: false,
  });
  await asAdmin.post(`/account/1/environments/${env}/clouds/vmware/`, { id });
  const clouds = `/user/${env}/clouds/vmware`;
  await expect
    .poll(async () => (await asAdmin.get<{ status: string }[]>(`${clouds}/syncs/`))[0]?.status)
    .toBe('succeeded');
  const [location] = await asAdmin.get<{ cloudLocation: string }[]>(`${clouds}/cloud-locations/`);
  return {
    path: `/environment-${env}/inventory/vmware/${encodeURIComponent(location?.cloudLocation ?? '')}`,
  };
}

/** A machine made past Stackyard, by the OpenStack itself. */
async function launch({ keystoneUrl, password }: Openstack, name: string) {
  const domain = { id: 'default' };
  const answer = await fetch(`${keystoneUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'demo', domain, password } } },
        scope: { project: { name: 'demo', domain } },
      },
    }),
  });
  const headers = {
    'x-auth-token': answer.headers.get('x-subject-token') ?? '',
    'content-type': 'application/json',
  };
  type Catalog = { token: { catalog: { type: string; endpoints: { interface: string; url: string }[] }[] } };
  const { token } = (await answer.json()) as Catalog;
  const url = (type: string) =>
    token.catalog.find((it) => it.type === type)?.endpoints.find((it) => it.interface === 'public')?.url ??
    '';
  type Named = { id: string; name: string }[];
  const first = async (service: string, path: string, name: string) => {
    const list = (await (await fetch(`${url(service)}${path}`, { headers })).json()) as Record<string, Named>;
    return Object.values(list)
      .flat()
      .find((it) => it.name === name)?.id;
  };
  const server = {
    name,
    flavorRef: await first('compute', '/flavors', 'm1.tiny'),
    imageRef: await first('image', '/v2/images', 'tiny'),
    networks: [{ uuid: await first('network', '/v2.0/networks', 'private') }],
  };
  const made = await fetch(`${url('compute')}/servers`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ server }),
  });
  expect(made.status, await made.clone().text()).toBe(202);
  const { id } = ((await made.json()) as { server: { id: string } }).server;
  const remove = () => fetch(`${url('compute')}/servers/${id}`, { method: 'DELETE', headers });
  return { id, remove };
}

import { type Api, axe, expect, screenshots, test, Vcenter } from './fixtures';
import type { Openstack } from './processes';

type Made = { id: string };

async function addOpenstack(api: Api, name: string, cloud: Openstack, scope = 'account/1'): Promise<string> {
  const { id } = await api.post<Made>(`/${scope}/cloud-credentials/`, {
    cloudCredentialsType: 'OpenstackCloudCredentials',
    provider: 'openstack',
    name,
    keystoneUrl: cloud.keystoneUrl,
    userName: 'demo',
    password: cloud.password,
    tenantName: 'demo',
    domainName: 'Default',
  });
  return id;
}

async function addVsphere(api: Api, name: string, url: string, linkedVCenters: string[] = []) {
  const { id } = await api.post<Made>('/account/1/cloud-credentials/', {
    cloudCredentialsType: 'VmwareCloudCredentials',
    provider: 'vmware',
    name,
    url,
    linkedVCenters,
    userName: Vcenter.user,
    password: Vcenter.password,
    sslVerification: false,
  });
  return id;
}

test.describe('one set of cloud credentials', () => {
  test('of OpenStack: facts, cache and regions', async ({ page, server, asAdmin, openstack }) => {
    const id = await addOpenstack(asAdmin, 'lab', openstack);
    await asAdmin.post('/account/1/environments/1/clouds/openstack/', { id });
    const at = `${server.url}/account-1/credentials/${id}`;
    await page.goto(at);
    await expect(page.getByRole('heading', { level: 1, name: 'lab' })).toBeVisible();
    const facts = page.getByRole('region', { name: 'Credentials', exact: true });
    await expect(facts.getByText(id)).toBeVisible();
    await expect(facts.getByRole('link', { name: 'Default' })).toHaveAttribute(
      'href',
      '/account-1/environments/1',
    );
    await expect(facts).toContainText('stored encrypted, never shown');
    await expect(facts).toContainText('on: certificates must be trusted');
    const cache = page.getByRole('region', { name: 'Cache' });
    await expect(cache.getByText(/^[1-9]\d* instance types, /)).toBeVisible();
    await axe(page);
    await screenshots(page, 'credentials-openstack');

    await cache.getByRole('button', { name: 'Clear the cache' }).click();
    await expect(cache.getByText(/^[1-9]\d* instance types were dropped/)).toBeVisible();
    await expect(cache.getByText(/^[1-9]\d* instance types, just now/)).toBeVisible();
    await axe(page);

    await page.getByRole('tab', { name: 'RegionOne' }).click();
    await expect(page).toHaveURL(/tab=region&region=RegionOne/);
    await page.reload();
    await expect(page.getByRole('row', { name: /Nova/ })).toContainText(String(openstack.ports['nova-api']));
    await page.getByRole('button', { name: /Nova: \d+ extensions/ }).click();
    await expect(page.getByRole('cell', { name: 'os-availability-zone', exact: true })).toBeVisible();
    await axe(page);
    await screenshots(page, 'credentials-region');
  });

  test('is checked again, with the history of it and the endpoints that were seen', async ({
    page,
    server,
    asAdmin,
    openstack,
  }) => {
    const id = await addOpenstack(asAdmin, 'lab-checked', openstack);
    await page.goto(`${server.url}/account-1/credentials/${id}`);
    // The checks run while one looks, and a reload does not lose them.
    await page.getByRole('button', { name: 'Check now' }).click();
    await expect(page).toHaveURL(/validation=/);
    await page.reload();
    const report = page.getByRole('region', { name: 'Report of the checks' });
    await expect(report.getByText(/^ended/)).toBeVisible();
    await report.getByRole('button', { name: 'Each check' }).click();
    await expect(report.getByRole('img', { name: 'passed' })).not.toHaveCount(0);
    await axe(page);
    await screenshots(page, 'credentials-report');

    await page.getByRole('tab', { name: 'History' }).click();
    await expect(page.getByRole('link', { name: 'View this report' })).toHaveCount(2);
    await expect(page.getByText('As the report before.')).toBeVisible();
    await expect(page.getByText('Nothing to compare it with.')).toBeVisible();
    await axe(page);

    await page.getByRole('tab', { name: 'Endpoints' }).click();
    const rules = page.getByRole('region', { name: 'Table of firewall rules' });
    await expect(rules.getByRole('row', { name: /keystone/ })).toContainText(
      `127.0.0.1:${openstack.ports.keystone}`,
    );
    await expect(page.getByRole('button', { name: 'Copy the firewall rules' })).toBeVisible();
    await expect(
      page.getByRole('region', { name: 'Table of endpoints' }).getByRole('row').nth(1),
    ).toContainText('public');
    await axe(page);
    await screenshots(page, 'credentials-endpoints');
  });

  test('stays while an environment uses it', async ({ page, server, asAdmin, openstack }) => {
    const id = await addOpenstack(asAdmin, 'lab-used', openstack);
    await asAdmin.post('/account/1/environments/1/clouds/openstack/', { id });
    await page.goto(`${server.url}/account-1/credentials/${id}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('Used by Default');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(dialog.getByRole('alert')).toContainText('are used by Default');
    await axe(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await asAdmin.delete('/account/1/environments/1/clouds/openstack/');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('Cloud credentials lab-used are deleted.')).toBeVisible();
    await expect(page).toHaveURL(/\/account-1\/credentials$/);
  });

  test('of vSphere: cloud details, privileges and the script for the role', async ({
    page,
    server,
    asAdmin,
    vcenter,
  }) => {
    const [first, second] = [await vcenter(), await vcenter()];
    const id = await addVsphere(asAdmin, 'dc-east', first.url, [second.url]);
    await asAdmin.post('/account/1/environments/1/clouds/vmware/', { id });
    await page.goto(`${server.url}/account-1/credentials/${id}`);
    const details = page.getByRole('region', { name: 'Cloud details' });
    await expect(details.getByText('VirtualCenter')).toHaveCount(2);
    await expect(details).toContainText(second.url);
    await axe(page);
    await screenshots(page, 'credentials-vsphere');
    const cache = page.getByRole('region', { name: 'Cache' });
    await cache.getByRole('button', { name: 'Clear the cache' }).click();
    await expect(cache.getByText(/^Synchronisation/)).toBeVisible();

    await page.getByRole('tab', { name: 'Privileges' }).click();
    await page
      .getByRole('button', { name: /\d+ privileges: / })
      .first()
      .click();
    await expect(
      page.getByRole('cell', { name: 'VirtualMachine.Provisioning.Clone', exact: true }),
    ).toBeVisible();
    const script = page.getByRole('region', { name: 'Text of the script' });
    await expect(script).toContainText('govc role.create');
    await page.getByText('PowerCLI', { exact: true }).click();
    await expect(script).toContainText('New-VIRole');
    await page.getByRole('textbox', { name: 'User' }).fill('stackyard@vsphere.local');
    await expect(script).toContainText('stackyard');
    await page.getByRole('textbox', { name: 'User' }).fill('');
    await expect(page.getByText('Enter the user who shall have the role.')).toBeVisible();
    await page.getByRole('textbox', { name: 'User' }).fill('stackyard@vsphere.local');
    await axe(page);
    await screenshots(page, 'credentials-privileges');
  });

  test('is changed, with the secret again where it could go elsewhere', async ({
    page,
    server,
    asAdmin,
    vcenter,
  }) => {
    const [first, second] = [await vcenter(), await vcenter()];
    const id = await addVsphere(asAdmin, 'dc-west', first.url);
    await page.goto(`${server.url}/account-1/credentials/${id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Edit dc-west' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'credentials-edit');

    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    await name.fill('');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Enter a name, such as the name of the cloud')).toBeVisible();
    await expect(name).toBeFocused();

    // A new name is nothing to ask the cloud about.
    await name.fill('dc-west renamed');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'dc-west renamed' })).toBeVisible();

    // Another address needs the password again: said at once, and beside the field.
    await page.getByRole('button', { name: 'Edit' }).click();
    const url = page.getByRole('textbox', { name: 'URL', exact: true });
    const password = page.getByRole('textbox', { name: 'Password' });
    await url.fill('vcenter.example');
    await page.keyboard.press('Enter');
    await expect(page.getByText(/The URL begins with https:\/\//)).toBeVisible();
    await url.fill(second.url);
    await expect(page.getByText('Enter the secret again')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText('The URL has changed, so enter this again')).toBeVisible();
    await expect(password).toBeFocused();
    await axe(page);

    // What the cloud refuses is not saved, and nothing typed is lost.
    await password.fill('wrong');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert').filter({ hasText: 'Nothing was changed' })).toBeVisible();
    await expect(url).toHaveValue(second.url);
    await axe(page);
    await screenshots(page, 'credentials-edit-refused');
    expect(await asAdmin.get<{ url: string }>(`/account/1/cloud-credentials/${id}/`)).toMatchObject({
      url: first.url,
      status: 'enabled',
    });
    await password.fill(Vcenter.password);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('The changes are saved.').last()).toBeVisible();
    await expect(page.getByRole('region', { name: 'Credentials', exact: true })).toContainText(second.url);
  });

  test('gets a pinned certificate, and is disabled when it is saved unchecked', async ({
    page,
    server,
    asAdmin,
    vcenter,
  }) => {
    const simulated = await vcenter();
    const id = await addVsphere(asAdmin, 'dc-pinned', simulated.url);
    await page.goto(`${server.url}/account-1/credentials/${id}?tab=edit`);
    // Verification on: the certificate is not trusted, and may be pinned after a look at it.
    const password = page.getByRole('textbox', { name: 'Password' });
    await page.getByRole('checkbox', { name: 'Verify the TLS certificates of this cloud' }).check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('checkbox', { name: 'I compared the fingerprint' }).check();
    await password.fill(Vcenter.password);
    await page.getByRole('button', { name: 'Pin this certificate' }).click();
    await expect(page.getByRole('region', { name: 'Credentials', exact: true })).toContainText('Pinned');

    // The history tells what became different.
    await page.getByRole('tab', { name: 'History' }).click();
    await expect(
      page
        .getByRole('region', { name: /^Differences of report / })
        .first()
        .getByRole('cell', { name: 'vsphere.tls' })
        .first(),
    ).toBeVisible();
    await axe(page);
    await screenshots(page, 'credentials-history');

    // Without asking the cloud it is saved, and disabled until a check passes.
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'User name' }).fill('somebody@vsphere.local');
    await page.getByRole('button', { name: 'Save without checking' }).click();
    await expect(page.getByText('These credentials are disabled')).toBeVisible();
    await axe(page);
  });

  test('of the Scalr scope is read-only from an account', async ({ page, server, asAdmin, openstack }) => {
    const id = await addOpenstack(asAdmin, 'shared', openstack, 'global');
    await page.goto(`${server.url}/account-1/credentials/${id}`);
    await expect(page.getByText('Read-only from here')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Check now' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Edit' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Delete' })).toHaveCount(0);
    await axe(page);
    await page.getByRole('link', { name: 'Open them there' }).click();
    await expect(page).toHaveURL(/\/global\/credentials\//);
    await expect(page.getByRole('button', { name: 'Edit' })).toBeVisible();
  });

  test('that is not there is said to be so', async ({ page, server }) => {
    await page.goto(`${server.url}/account-1/credentials/0123456789ab`);
    await expect(page.getByRole('alert')).toContainText('0123456789ab');
  });
});

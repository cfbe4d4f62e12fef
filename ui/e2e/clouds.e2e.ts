import { another, axe, expect, screenshots, test, Vcenter } from './fixtures';

test.describe('clouds and overviews', () => {
  test('lead from an empty installation to machines that can be seen', async ({
    page,
    server,
    asAdmin,
    openstack,
    vcenter,
    browser,
  }) => {
    const simulated = await vcenter();
    // Nothing yet: each page says what to do next.
    await page.goto(`${server.url}/account-1`);
    await expect(page.getByRole('heading', { level: 1, name: 'Main' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Add cloud credentials' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-account-empty');
    await page.goto(`${server.url}/environment-1`);
    await expect(page.getByText('No cloud is linked to this environment')).toBeVisible();
    await axe(page);
    await page.goto(`${server.url}/environment-1/clouds`);
    await expect(page.getByText('No cloud is linked to this environment')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Link a cloud' })).toHaveAttribute(
      'href',
      '/account-1/environments/1',
    );
    await axe(page);

    // What somebody else links appears by itself.
    const other = await another(browser, server);
    await other.goto(`${server.url}/environment-1/clouds`);
    await expect(other.getByText('No cloud is linked to this environment')).toBeVisible();
    const bodies = [
      {
        cloudCredentialsType: 'OpenstackCloudCredentials',
        provider: 'openstack',
        name: 'lab',
        keystoneUrl: openstack.keystoneUrl,
        userName: 'demo',
        password: openstack.password,
        tenantName: 'demo',
        domainName: 'Default',
      },
      {
        cloudCredentialsType: 'VmwareCloudCredentials',
        provider: 'vmware',
        name: 'dc-east',
        url: simulated.url,
        userName: Vcenter.user,
        password: Vcenter.password,
        sslVerification: false,
      },
    ];
    for (const body of bodies) {
      const { id } = await asAdmin.post<{ id: string }>('/account/1/cloud-credentials/', body);
      await asAdmin.post(`/account/1/environments/1/clouds/${body.provider}/`, { id });
    }
    const vsphere = page.getByRole('region', { name: 'VMware vSphere', exact: true });
    await expect(vsphere.getByRole('link', { name: 'dc-east' })).toBeVisible();
    await expect(vsphere.getByText('succeeded')).toBeVisible();
    await expect(other.getByRole('region', { name: 'OpenStack', exact: true })).toBeVisible();
    await other.context().close();

    // Read it now; the table of readings grows by what was asked for.
    const syncs = page.getByRole('region', { name: 'Last synchronisations of VMware vSphere' });
    await expect(syncs.getByRole('cell', { name: 'credentials linked' })).toBeVisible();
    await page.getByRole('button', { name: 'Sync VMware vSphere now' }).click();
    await expect(syncs.getByRole('row', { name: /asked for/ })).toContainText('succeeded');
    await axe(page);
    await screenshots(page, 'clouds');

    // The numbers of the environment lead to its inventory.
    await page.goto(`${server.url}/environment-1`);
    await expect(page.getByRole('link', { name: /^2 Clouds/ })).toBeVisible();
    await expect(page.getByRole('link', { name: /^\d+ Machines/ })).toHaveAttribute(
      'href',
      '/environment-1/inventory',
    );
    await expect(page.getByText('Nothing: every cloud was read without an error.')).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-environment');

    await page.goto(`${server.url}/account-1`);
    const steps = page.getByRole('region', { name: 'First steps' });
    await expect(steps.getByRole('img', { name: 'done' })).toHaveCount(2);
    await expect(steps.getByRole('link', { name: 'Open users' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-account');

    await page.goto(`${server.url}/global`);
    await expect(page.getByRole('heading', { level: 1, name: 'The whole installation' })).toBeVisible();
    await expect(page.getByRole('link', { name: /^1 Accounts/ })).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-scalr');

    // A cloud that is gone is told on every page that shows it.
    await simulated.stop();
    await page.goto(`${server.url}/environment-1/clouds`);
    await page.getByRole('button', { name: 'Sync VMware vSphere now' }).click();
    await expect(syncs.getByRole('cell', { name: 'failed' }).first()).toBeVisible();
    await page.goto(`${server.url}/environment-1`);
    const attention = page.getByRole('region', { name: 'What needs attention' });
    await expect(attention.getByRole('link', { name: 'VMware vSphere' })).toBeVisible();
    await axe(page);
  });
});

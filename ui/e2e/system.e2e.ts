import { axe, expect, listen, login, screenshots, test, Vcenter } from './fixtures';
import { Server } from './processes';

test.describe('instance sizes', () => {
  test('are made, checked field by field, changed and deleted', async ({ page, server }) => {
    await page.goto(`${server.url}/global/instance-sizes`);
    await expect(page.getByRole('row', { name: /^large/ })).toContainText('8 GiB');
    await page.getByRole('button', { name: 'New instance size' }).click();
    const dialog = page.getByRole('dialog');
    const field = (name: string) => dialog.getByRole('textbox', { name });
    await field('vCPUs').fill('6');
    await field('Cores per socket').fill('4');
    await field('Memory').fill('');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('Enter a name')).toBeVisible();
    await expect(dialog.getByText('Does not divide 6 vCPUs evenly')).toBeVisible();
    await expect(dialog.getByText('Enter how much memory')).toBeVisible();
    await expect(field('Name')).toBeFocused();
    await axe(page);
    await field('Name').fill('large');
    await field('vCPUs').fill('800');
    await field('Memory').fill('1.5');
    await dialog.getByRole('combobox', { name: 'Unit' }).click();
    await page.getByRole('option', { name: 'MiB' }).click();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('A whole number from 1 to 768')).toBeVisible();
    await expect(dialog.getByText('From 4 MiB to 24 TiB (24576 GiB)')).toBeVisible();
    await field('vCPUs').fill('8');
    await field('Memory').fill('1538');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('A multiple of 4 MiB')).toBeVisible();
    await field('Memory').fill('1536');
    await page.keyboard.press('Enter');
    // The name is taken; the rest stays.
    await expect(dialog.getByRole('alert')).toContainText('An instance type named "large" exists already');
    await expect(field('Memory')).toHaveValue('1536');
    await field('Name').fill('compute');
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByText('Instance size compute is saved')).toBeVisible();
    const row = page.getByRole('row', { name: /^compute/ });
    await expect(row).toContainText('1536 MiB');
    await axe(page);
    await screenshots(page, 'instance-sizes');

    await row.getByRole('button', { name: 'Edit' }).click();
    await field('Memory').fill('2.5');
    await dialog.getByRole('combobox', { name: 'Unit' }).click();
    await page.getByRole('option', { name: 'GiB' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(row).toContainText('2560 MiB');
    await page.getByRole('button', { name: 'Memory' }).click();
    await expect(page).toHaveURL(/sort=memory/);
    await expect(page.getByRole('row').nth(3)).toContainText('compute');
    await row.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(row).toHaveCount(0);
  });
});

test.describe('system', () => {
  test('tells version, parts and configuration with its sources', async ({ page, server }) => {
    await page.goto(`${server.url}/global/system`);
    await expect(page.getByText('0.1.0')).toBeVisible();
    const parts = ['database', 'vault', 'listener', 'jobs'];
    for (const part of parts) await expect(page.getByText(part, { exact: true })).toBeVisible();
    await expect(page.getByText('works')).toHaveCount(parts.length);
    await expect(page.getByText('No cloud credentials yet')).toBeVisible();
    await axe(page);
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await expect(page).toHaveURL(/tab=configuration/);
    await page.reload();
    await expect(page.getByRole('row', { name: /^allowed_cloud_networks/ })).toContainText(
      'stackyard.toml:1',
    );
    await expect(page.getByRole('row', { name: /^sync_interval/ })).toContainText('default');
    await expect(page.getByRole('row', { name: /^cloud_proxy/ })).toContainText('not set');
    await axe(page);
    await screenshots(page, 'system-configuration');
    const metrics = await page.request.get(`${server.url}/metrics`);
    expect(await metrics.text()).toContain('stackyard_build_info');
  });

  test('tells the policy in force, and how old what is known of a cloud is', async ({ browser, vcenter }) => {
    const cloud = await vcenter();
    const server = await Server.start(
      'sync_interval = "2s"\n[vmware]\ninstances_connection_policy = "local"',
    );
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    const said = listen(page);
    await login(page, server);
    await page.goto(`${server.url}/global/system?tab=connection-policy`);
    await expect(page.getByRole('row', { name: /^all platforms/ })).toContainText('auto');
    await expect(page.getByRole('row', { name: /^OpenStack/ })).toContainText('as for all platforms');
    await expect(page.getByRole('row', { name: /^VMware vSphere/ })).toContainText(/local.*stackyard.toml:4/);
    await axe(page);
    await screenshots(page, 'system-connection-policy');

    const { csrfToken } = await page.evaluate(
      async () =>
        ((await (await fetch('/api/v1beta0/session/')).json()) as { data: { csrfToken: string } }).data,
    );
    const ask = async (path: string, data: unknown) => {
      const headers = { 'X-CSRF-Token': csrfToken };
      const answer = await page.request.post(`${server.url}/api/v1beta0${path}`, { data, headers });
      expect(answer.ok()).toBe(true);
      return ((await answer.json()) as { data: { id: string } }).data;
    };
    const { id } = await ask('/account/1/cloud-credentials/', {
      cloudCredentialsType: 'VmwareCloudCredentials',
      provider: 'vmware',
      name: 'dc-east',
      url: cloud.url,
      userName: Vcenter.user,
      password: Vcenter.password,
      sslVerification: false,
    });
    await ask('/account/1/environments/1/clouds/vmware/', { id });
    await page.getByRole('tab', { name: 'State' }).click();
    const row = page.getByRole('row', { name: /^dc-east/ });
    await expect(row).toContainText('Main');
    await expect(row).toContainText(/just now|seconds ago/);
    await expect(row.getByText('stale')).toHaveCount(0);
    await cloud.stop();
    await expect(row.getByText('stale')).toBeVisible({ timeout: 60_000 });
    await expect(row).toContainText('Cannot reach', { timeout: 60_000 });
    await axe(page);
    await screenshots(page, 'system');
    await row.getByRole('link', { name: 'dc-east' }).click();
    await expect(page).toHaveURL(new RegExp(`/account-1/credentials/${id}`));
    expect(said).toEqual([]);
    await page.context().close();
    await server.remove();
  });
});

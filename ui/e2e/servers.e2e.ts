import { vsphereFarm, vsphereGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

const STEP_MS = 60_000;

test.describe('servers', () => {
  test('are listed, narrowed down, and changed many at once', async ({ page, server, asAdmin, vcenter }) => {
    const ground = await vsphereGround(asAdmin, 'Many', await vcenter(['-template', '1']));
    const user = `/user/${ground.environment}`;
    const list = `${server.url}/environment-${ground.environment}/servers`;
    await page.goto(list);
    await expect(page.getByText('No servers yet')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Open farms' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'servers-empty');

    // Somebody launches two farms; the list that is open shows it.
    const shop = await vsphereFarm(asAdmin, ground, 'shop', 2);
    const wiki = await vsphereFarm(asAdmin, ground, 'wiki', 1);
    for (const id of [shop, wiki]) await asAdmin.post(`${user}/farms/${id}/actions/launch/`);
    const running = page.getByRole('cell', { name: 'running', exact: true });
    await expect(running).toHaveCount(3, { timeout: STEP_MS });
    await expect(page.getByRole('status').filter({ hasText: '3 servers' })).toBeVisible();
    const row = page.getByRole('row', { name: /shop-2/ });
    for (const text of ['shop', 'app', 'VMware vSphere', 'DC0', 'none'])
      await expect(row).toContainText(text);
    await axe(page);
    await screenshots(page, 'servers');

    await page.getByRole('combobox', { name: 'Farm' }).click();
    await page.getByRole('option', { name: 'wiki' }).click();
    await expect(page.getByRole('status').filter({ hasText: '1 server' })).toBeVisible();
    await expect(page).toHaveURL(/farm=/);
    await page.reload();
    await expect(page.getByRole('row')).toHaveCount(2);
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'suspended', exact: true }).click();
    await expect(page.getByText('No server matches the filter')).toBeVisible();
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await expect(page.getByRole('row')).toHaveCount(4);
    await page.getByRole('button', { name: 'Index' }).click();
    await page.getByRole('button', { name: 'Index' }).click();
    await expect(page).toHaveURL(/sort=-index/);
    await expect(page.getByRole('row').nth(1)).toContainText('shop-2');

    const chosen = page.getByRole('toolbar', { name: 'Selected servers' });
    const ask = page.getByRole('dialog');
    await page.getByRole('checkbox', { name: 'Select shop-1' }).check();
    await expect(chosen).toContainText('1 server selected');
    await chosen.getByRole('button', { name: 'Suspend' }).click();
    await expect(ask.getByRole('listitem')).toHaveText(['shop-1']);
    await ask.getByRole('button', { name: 'Suspend' }).click();
    await expect(chosen).toHaveCount(0);
    await expect(page.getByRole('row', { name: /shop-1/ })).toContainText('suspended', { timeout: STEP_MS });

    // Each is one request: what is refused is told with its reason, and stays chosen.
    await page.getByRole('button', { name: 'Select all' }).click();
    await expect(chosen).toContainText('3 servers selected');
    await axe(page);
    await chosen.getByRole('button', { name: 'Suspend' }).click();
    await ask.getByRole('button', { name: 'Suspend' }).click();
    const refused = page.getByRole('alert').filter({ hasText: 'Suspend was refused for 1 server' });
    await expect(refused).toContainText(
      'shop-1: The server is suspended: only a running one can be suspended.',
    );
    await expect(page.getByText('2 servers are being suspended.')).toBeVisible();
    await expect(chosen).toContainText('1 server selected');
    await axe(page);
    await screenshots(page, 'servers-refused');
    await refused.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('cell', { name: 'suspended', exact: true })).toHaveCount(3, {
      timeout: STEP_MS,
    });
    await page.getByRole('button', { name: 'Select all' }).click();
    await chosen.getByRole('button', { name: 'Resume' }).click();
    await ask.getByRole('button', { name: 'Resume' }).click();
    await expect(running).toHaveCount(3, { timeout: STEP_MS });

    for (const id of [shop, wiki])
      await asAdmin.patch(
        `${user}/farm-roles/${(await asAdmin.get<{ id: number }[]>(`${user}/farms/${id}/farm-roles/`))[0]?.id}/`,
        { scaling: { enabled: true, minInstances: 0, maxInstances: 2 } },
      );
    await page.getByRole('button', { name: 'Select all' }).click();
    await chosen.getByRole('button', { name: 'Terminate' }).click();
    await expect(ask).toContainText('removed from the clouds');
    await ask.getByRole('button', { name: 'Terminate' }).click();
    await expect(page.getByRole('cell', { name: 'terminated', exact: true })).toHaveCount(3, {
      timeout: STEP_MS,
    });
    await expect(page.getByRole('checkbox', { name: 'Select shop-1' })).toBeDisabled();
  });

  test('tell all that is known of one', async ({ page, server, asAdmin, vcenter }) => {
    const ground = await vsphereGround(
      asAdmin,
      'One',
      await vcenter(['-template', '1', '-ip-base', '203.0.113.10']),
    );
    const user = `/user/${ground.environment}`;
    const farm = await vsphereFarm(asAdmin, ground, 'solo', 1);
    await asAdmin.post(`${user}/farms/${farm}/actions/launch/`);
    await page.goto(`${server.url}/environment-${ground.environment}/servers`);
    await page
      .getByRole('row', { name: /running/ })
      .getByRole('link', { name: 'solo-1' })
      .click({ timeout: STEP_MS });
    await expect(page.getByRole('heading', { level: 1, name: 'solo-1' })).toBeVisible();
    const facts = page.getByRole('region', { name: 'Facts' });
    for (const text of [
      'solo, farm role app, index 1',
      'VMware vSphere, DC0; it says poweredOn',
      'micro',
      'admin@localhost: Farm launched (3)',
    ])
      await expect(facts).toContainText(text);
    await expect(facts.getByText(/^vm-\d+$/)).toBeVisible();
    await expect(facts.getByRole('button', { name: 'Copy the ID in the cloud' })).toBeVisible();
    const log = page.getByRole('log');
    await expect(log.getByRole('listitem').filter({ hasText: 'HostUp' }).first()).toContainText(
      'The server runs.',
    );
    await axe(page);
    await screenshots(page, 'server');
    // The address works for somebody else, too.
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: 'solo-1' })).toBeVisible();

    await page.getByRole('button', { name: 'Look now' }).click();
    await expect(page.getByText('solo-1 is looked at now.')).toBeVisible();
    const ask = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Reboot' }).click();
    await ask.getByRole('checkbox', { name: 'Without asking the guest' }).check();
    await axe(page);
    await ask.getByRole('button', { name: 'Reboot' }).click();
    await expect(log.getByText('RebootComplete')).toBeVisible({ timeout: STEP_MS });
    await page.getByRole('button', { name: 'Suspend' }).click();
    await ask.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('button', { name: 'Resume' }).click({ timeout: STEP_MS });
    await expect(log.getByText('ResumeComplete')).toBeVisible({ timeout: STEP_MS });
    await facts.getByRole('link', { name: 'solo' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'solo' })).toBeVisible();

    await asAdmin.post(`${user}/farms/${farm}/actions/terminate/`, {});
    await page.goBack();
    await expect(page.getByText('Nothing of the server is in its cloud any more.')).toBeVisible({
      timeout: STEP_MS,
    });
    await expect(page.getByRole('button', { name: 'Look now' })).toHaveCount(0);

    await page.goto(`${server.url}/environment-${ground.environment}/servers/none-such`);
    await expect(page.getByRole('alert')).toContainText('none-such');
    await page.goto(`${server.url}/account-1/servers`);
    await expect(page.getByText('Choose an environment')).toBeVisible();
    await page.getByRole('link', { name: 'One' }).click();
    await expect(page).toHaveURL(new RegExp(`environment-${ground.environment}/servers`));
  });
});

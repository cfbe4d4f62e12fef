import type { Locator, Page } from '@playwright/test';

import { openstackFarm, openstackGround, vsphereFarm, vsphereGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';
import { deleteImage } from './operator';

/** Nova and the reconciler take some seconds for each step. */
const STEP_MS = 60_000;

async function open(page: Page, url: string, name: string) {
  await page.goto(url);
  await page
    .getByRole('row', { name: /running/ })
    .getByRole('link', { name })
    .click({ timeout: STEP_MS });
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

async function isDone(page: Page, kind: string): Promise<Locator> {
  await page.getByRole('tab', { name: /^Operations/ }).click();
  const first = page.getByRole('region', { name: 'Operations', exact: true }).getByRole('listitem').first();
  await expect(first).toContainText(kind);
  await expect(first.getByText('done', { exact: true })).toBeVisible({ timeout: STEP_MS });
  return first;
}

test.describe('operations on servers', () => {
  test('resize, snapshot and give addresses on OpenStack', async ({ page, server, asAdmin, openstack }) => {
    const ground = await openstackGround(asAdmin, 'Ops', openstack);
    const user = `/user/${ground.environment}`;
    const farm = await openstackFarm(asAdmin, ground, 'opsui');
    const snapshot = `before the change ${Date.now()}`;
    await asAdmin.post(`${user}/farms/${farm}/actions/launch/`);
    await open(page, `${server.url}/environment-${ground.environment}/servers`, 'opsui-1');
    const ask = page.getByRole('dialog');

    await page.getByRole('tab', { name: 'Operations' }).click();
    await expect(page.getByText('Nothing was asked of it yet')).toBeVisible();
    await page.getByRole('button', { name: 'Resize' }).click();
    await expect(ask).toContainText('It is restarted for this');
    await ask.getByRole('button', { name: 'Resize' }).click();
    await expect(ask.getByText('Choose an instance type.')).toBeVisible();
    await ask.getByRole('combobox', { name: 'Instance type' }).click();
    await expect(page.getByRole('option', { name: /^m1\.tiny:/ })).toHaveCount(0);
    await page.getByRole('option', { name: /^m1\.small:/ }).click();
    await axe(page);
    await ask.getByRole('button', { name: 'Resize' }).click();
    const resized = await isDone(page, 'Resize');
    await expect(resized).toContainText('m1.small');
    await page.getByRole('tab', { name: 'Overview' }).click();
    await expect(page.getByRole('region', { name: 'Facts' })).toContainText('m1.small');

    // What the cloud has of it is asked when somebody looks, and again when something ended.
    await page.getByRole('tab', { name: 'Storage and addresses' }).click();
    await expect(page.getByText('No floating IPs')).toBeVisible();
    await page.getByRole('button', { name: 'Create snapshot' }).click();
    await expect(ask.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(ask.getByText('Give the snapshot a name.')).toBeVisible();
    await ask.getByRole('textbox', { name: 'Name' }).fill(snapshot);
    await axe(page);
    await ask.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('row', { name: new RegExp(snapshot) })).toBeVisible({ timeout: STEP_MS });
    await page.getByRole('button', { name: 'Add floating IP' }).click();
    await ask.getByRole('button', { name: 'Add' }).click();
    await expect(ask.getByText('Choose an external network.')).toBeVisible();
    await ask.getByRole('combobox', { name: 'External network' }).click();
    await page.getByRole('option', { name: 'public' }).click();
    await ask.getByRole('button', { name: 'Add' }).click();
    const addresses = page.getByRole('region', { name: 'Floating IPs' }).first();
    const remove = addresses.getByRole('button', { name: /^Remove / });
    await expect(remove).toBeVisible({ timeout: STEP_MS });
    await axe(page);
    await screenshots(page, 'server-in-its-cloud');
    await remove.click();
    await ask.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('No floating IPs')).toBeVisible({ timeout: STEP_MS });

    // A volume that is not there: the operation fails with the cloud's words, the server goes on.
    await page.getByRole('button', { name: 'Attach volume' }).click();
    await ask.getByRole('button', { name: 'Attach' }).click();
    await expect(ask.getByText('Choose a volume.')).toBeVisible();
    await expect(ask.getByText('This environment has none that is free here.')).toBeVisible();
    await ask.getByRole('combobox', { name: 'Volume' }).click();
    await page.getByRole('option', { name: 'Another volume of the project, by its ID' }).click();
    await ask.getByRole('button', { name: 'Attach' }).click();
    await expect(ask.getByText('Enter the id of a volume.')).toBeVisible();
    await ask.getByRole('textbox', { name: 'ID of the volume' }).fill('00000000-0000-4000-8000-000000000000');
    await ask.getByRole('button', { name: 'Attach' }).click();
    await page.getByRole('tab', { name: /^Operations/ }).click();
    const failed = page.getByRole('note', { name: 'Why Attach volume failed' });
    await expect(failed).toContainText('Next:', { timeout: STEP_MS });
    await expect(failed.getByRole('button', { name: 'Copy what the cloud said' }).first()).toBeVisible();
    await axe(page);
    await screenshots(page, 'server-operations');

    await page.getByRole('tab', { name: 'Console' }).click();
    const console = page.getByRole('region', { name: 'Serial console', exact: true });
    await expect(console).toContainText('It may show secrets.');
    await expect(page.getByRole('region', { name: 'What it wrote to its serial console' })).not.toBeEmpty();
    await console.getByRole('button', { name: 'Refresh' }).click();
    await axe(page);
    await screenshots(page, 'server-console');
    await page.reload();
    await expect(page.getByRole('tab', { name: 'Console' })).toHaveAttribute('aria-selected', 'true');
    // The snapshot is an image of the project, which outlives the server.
    await asAdmin.post(`${user}/farms/${farm}/actions/terminate/`, {});
    await page.getByRole('tab', { name: 'Overview' }).click();
    await expect(page.getByText('Nothing of the server is in its cloud any more.')).toBeVisible({
      timeout: STEP_MS,
    });
    await expect(page.getByRole('tab', { name: 'Console' })).toHaveCount(0);
    await deleteImage(openstack, snapshot);
  });

  test('snapshot, give disks and show the screen on vSphere', async ({ page, server, asAdmin, vcenter }) => {
    const ground = await vsphereGround(asAdmin, 'VmOps', await vcenter(['-template', '1']));
    const user = `/user/${ground.environment}`;
    const farm = await vsphereFarm(asAdmin, ground, 'vmops', 1);
    await asAdmin.post(`${user}/farms/${farm}/actions/launch/`);
    await open(page, `${server.url}/environment-${ground.environment}/servers`, 'vmops-1');
    const ask = page.getByRole('dialog');
    await page.getByRole('tab', { name: 'Disks and snapshots' }).click();
    const disks = page.getByRole('region', { name: 'Disks' }).first();
    // The head, and the disk of the template.
    await expect(disks.getByRole('row')).toHaveCount(2, { timeout: STEP_MS });
    await page.getByRole('button', { name: 'Add disk' }).click();
    await ask.getByRole('textbox', { name: 'Size in GiB' }).fill('0');
    await ask.getByRole('button', { name: 'Add' }).click();
    await expect(ask.getByText('A whole number from 1 to 63488.')).toBeVisible();
    await ask.getByRole('textbox', { name: 'Size in GiB' }).fill('2');
    await axe(page);
    await ask.getByRole('button', { name: 'Add' }).click();
    await expect(disks.getByRole('row')).toHaveCount(3, { timeout: STEP_MS });
    await expect(disks.getByRole('row').last()).toContainText('2 GiB');
    await page.getByRole('button', { name: 'Create snapshot' }).click();
    await ask.getByRole('textbox', { name: 'Name' }).fill('clean');
    await ask.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('row', { name: /clean/ })).toBeVisible({ timeout: STEP_MS });
    await axe(page);
    await screenshots(page, 'server-in-its-vcenter');
    await isDone(page, 'Snapshot');

    // The simulator draws no screen: the refusal is told as it is.
    await page.getByRole('tab', { name: 'Console' }).click();
    const screen = page.getByRole('region', { name: 'Screen' });
    await expect(screen.getByRole('alert')).toContainText('The cloud did not show it', { timeout: STEP_MS });
    await axe(page);
    await screenshots(page, 'server-screen');
    await asAdmin.post(`${user}/farms/${farm}/actions/terminate/`, {});
    await page.getByRole('tab', { name: 'Overview' }).click();
    await expect(page.getByText('Nothing of the server is in its cloud any more.')).toBeVisible({
      timeout: STEP_MS,
    });
  });
});

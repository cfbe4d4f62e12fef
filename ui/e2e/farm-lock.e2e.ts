import { openstackFarm, openstackGround, vsphereFarm, vsphereGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

/** The clouds take some seconds for each step. */
const STEP_MS = 60_000;

test('a farm is locked with its reason, and every button that is refused says so', async ({
  page,
  server,
  asAdmin,
  vcenter,
}) => {
  const ground = await vsphereGround(asAdmin, 'Locks', await vcenter(['-template', '1']));
  const farm = await vsphereFarm(asAdmin, ground, 'shop', 1);
  await page.goto(`${server.url}/environment-${ground.environment}/farms/${farm}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  const comment = dialog.getByRole('textbox', { name: 'Comment' });
  await expect(comment).toBeFocused();
  await comment.fill('x'.repeat(256));
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('At most 255 characters.')).toBeVisible();
  await comment.fill('sales until Monday');
  await dialog.getByRole('radio', { name: 'Its owner' }).check();
  await axe(page);
  await screenshots(page, 'farm-lock');
  await dialog.getByRole('button', { name: 'Lock' }).click();

  const lock = page.getByRole('region', { name: 'Lock' });
  await expect(lock).toContainText(`The farm is locked by ${server.admin.email}`);
  await expect(lock).toContainText('sales until Monday');
  await expect(lock).toContainText(`${server.admin.email}, who owns it, can unlock it`);
  for (const name of ['Launch', 'Edit', 'Delete', 'Add farm role', 'Edit app', 'Remove']) {
    const refused = page.getByRole('button', { name, exact: true });
    await expect(refused, name).toBeDisabled();
    await expect(refused, name).toHaveAttribute('title', `The farm is locked by ${server.admin.email}`);
  }
  await expect(page.getByRole('button', { name: 'Lock', exact: true })).toHaveCount(0);
  await axe(page);
  await screenshots(page, 'farm-locked');

  // A copy is not locked. Its name is asked for, and may be taken.
  await page.getByRole('button', { name: 'Clone' }).click();
  const name = dialog.getByRole('textbox', { name: 'Name of the copy' });
  await expect(name).toHaveValue('shop copy');
  await name.fill('shop');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('A farm named "shop" exists already');
  await name.fill('shop of tomorrow');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'shop of tomorrow' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'app', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Launch', exact: true })).toBeEnabled();
  await expect(lock).toHaveCount(0);

  await page.goto(`${server.url}/environment-${ground.environment}/farms/${farm}`);
  // Somebody else does it; the page follows.
  await expect(lock).toBeVisible();
  await asAdmin.post(`/user/${ground.environment}/farms/${farm}/actions/unlock/`);
  await expect(lock).toHaveCount(0);
  await asAdmin.post(`/user/${ground.environment}/farms/${farm}/actions/lock/`, { lockComment: '' });
  await expect(lock).toContainText('Whoever may change farms can unlock it.');
  await lock.getByRole('button', { name: 'Unlock' }).click();
  await expect(lock).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Launch', exact: true })).toBeEnabled();
});

test('a tier shows what its servers wait for', async ({ page, server, asAdmin, openstack }) => {
  const ground = await openstackGround(asAdmin, 'Waiting', openstack);
  const farm = await openstackFarm(asAdmin, ground, 'slow');
  const user = `/user/${ground.environment}`;
  await page.goto(`${server.url}/environment-${ground.environment}/farms/${farm}`);
  const tier = page.getByRole('region', { name: 'app', exact: true });
  await expect(tier).toContainText('it is on');
  await tier.getByRole('link', { name: 'Edit app' }).click();
  // Nobody listens there: machines of this cloud are none that one can reach.
  await page.getByRole('textbox', { name: 'Wait for port' }).fill('4');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(tier).toContainText('port 4 answers');
  await page.getByRole('button', { name: 'Launch', exact: true }).click();
  await expect(tier.getByRole('cell', { name: 'initializing', exact: true })).toBeVisible({
    timeout: STEP_MS,
  });
  await expect(tier.getByRole('cell', { name: /^Waits for .*:4: / })).toBeVisible({ timeout: STEP_MS });
  await axe(page);
  await screenshots(page, 'farm-waits');
  await tier.getByRole('link', { name: 'slow-1' }).click();
  await expect(page.getByRole('region', { name: 'Facts' })).toContainText(/Waits for.*:4 since/);
  await asAdmin.post(`${user}/farms/${farm}/actions/terminate/`, {});
  await page.goto(`${server.url}/environment-${ground.environment}/farms/${farm}`);
  await expect(tier.getByRole('cell', { name: 'terminated', exact: true })).toBeVisible({ timeout: STEP_MS });
});

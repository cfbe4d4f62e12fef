import { openstackFarm, openstackGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

/** Cinder, Nova and the reconciler take some seconds for each step. */
const STEP_MS = 60_000;

test('volumes need an OpenStack, and say so', async ({ page, server, asAdmin }) => {
  const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Cloudless' });
  await page.goto(`${server.url}/environment-${id}/volumes`);
  await expect(page.getByText('No OpenStack is linked to this environment')).toBeVisible();
  await expect(page.getByRole('button', { name: 'New volume' })).toHaveCount(0);
  await axe(page);
  await page.getByRole('link', { name: 'Link OpenStack' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Cloudless' })).toBeVisible();
  await page.goto(`${server.url}/account-1/volumes`);
  await expect(page.getByText('Choose an environment')).toBeVisible();
});

test('a volume is made, attached, made larger and deleted', async ({ page, server, asAdmin, openstack }) => {
  const ground = await openstackGround(asAdmin, 'Volumes', openstack);
  const user = `/user/${ground.environment}`;
  const list = `${server.url}/environment-${ground.environment}/volumes`;
  const name = `data-${Date.now()}`;
  const farm = await openstackFarm(asAdmin, ground, 'keeper');
  await asAdmin.post(`${user}/farms/${farm}/actions/launch/`);
  const dialog = page.getByRole('dialog');
  const status = (word: string) => page.getByText(word, { exact: true }).first();

  await page.goto(list);
  await expect(page.getByText('No volumes yet')).toBeVisible();
  await axe(page);
  await screenshots(page, 'volumes-empty');
  await page.getByRole('button', { name: 'New volume' }).first().click();
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
  // The only one there is.
  await expect(dialog.getByRole('combobox', { name: 'Location' })).toHaveValue('RegionOne');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Give the volume a name.')).toBeVisible();
  await expect(dialog.getByText('A whole number from 1 to 16384.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('x'.repeat(256));
  await dialog.getByRole('textbox', { name: 'Size in GiB' }).fill('16385');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('At most 255 characters.')).toBeVisible();
  await expect(dialog.getByText('A whole number from 1 to 16384.')).toBeVisible();
  await axe(page);
  await screenshots(page, 'volume-wrong');
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('textbox', { name: 'Size in GiB' }).fill('1');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(status('ready')).toBeVisible({ timeout: STEP_MS });
  const facts = page.getByRole('region', { name: 'Facts' });
  await expect(facts).toContainText('it says available');
  await expect(facts).toContainText('Attach it on the page of a server');

  // What the server refuses stands beside what was typed.
  await page.getByRole('link', { name: 'Volumes', exact: true }).click();
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('1 GiB');
  await page.getByRole('button', { name: 'New volume' }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('textbox', { name: 'Size in GiB' }).fill('3');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText(`A volume named "${name}" exists already`);
  await expect(dialog.getByRole('textbox', { name: 'Size in GiB' })).toHaveValue('3');
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  // On the server's page, by its name.
  await page.goto(`${server.url}/environment-${ground.environment}/servers`);
  await page
    .getByRole('row', { name: /running/ })
    .getByRole('link', { name: 'keeper-1' })
    .click({ timeout: STEP_MS });
  await page.getByRole('tab', { name: 'Storage and addresses' }).click();
  await page.getByRole('button', { name: 'Attach volume' }).click();
  await dialog.getByRole('combobox', { name: 'Volume' }).click();
  await page.getByRole('option', { name: `${name}: 1 GiB` }).click();
  await axe(page);
  await screenshots(page, 'volume-attach');
  await dialog.getByRole('button', { name: 'Attach' }).click();
  const volumes = page.getByRole('region', { name: 'Volumes' }).first();
  await expect(volumes.getByRole('button', { name: /^Detach / })).toBeVisible({ timeout: STEP_MS });

  // The volume tells who has it, is not deleted, and becomes larger.
  await page.goto(list);
  await expect(
    page.getByRole('row', { name: new RegExp(name) }).getByRole('link', { name: 'keeper-1' }),
  ).toBeVisible({ timeout: STEP_MS });
  await axe(page);
  await screenshots(page, 'volumes');
  await page.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(dialog).toContainText('what is on it is gone for good');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(dialog.getByRole('alert')).toContainText('is used by server keeper-1');
  await axe(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Extend' }).click();
  await dialog.getByRole('textbox', { name: 'Size in GiB' }).fill('1');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('A whole number from 2 to 16384.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Size in GiB' }).fill('2');
  await page.keyboard.press('Enter');
  await expect(facts.getByText('2 GiB')).toBeVisible();
  await axe(page);
  await screenshots(page, 'volume');
  await facts.getByRole('link', { name: 'keeper-1' }).click();
  await page.getByRole('tab', { name: 'Storage and addresses' }).click();
  await volumes.getByRole('button', { name: /^Detach / }).click();
  await dialog.getByRole('button', { name: 'Detach' }).click();
  await expect(page.getByText('No volumes are attached')).toBeVisible({ timeout: STEP_MS });

  await page.goto(list);
  await page.getByRole('link', { name }).click();
  await expect(facts).toContainText('no server', { timeout: STEP_MS });
  await expect(status('ready')).toBeVisible({ timeout: STEP_MS });
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(status('deleted')).toBeVisible({ timeout: STEP_MS });
  await expect(page.getByRole('button', { name: 'Extend' })).toHaveCount(0);
  await asAdmin.post(`${user}/farms/${farm}/actions/terminate/`, {});
  await page.goto(`${server.url}/environment-${ground.environment}/farms/${farm}`);
  await expect(page.getByRole('cell', { name: 'terminated', exact: true })).toBeVisible({ timeout: STEP_MS });
});

test('a volume that the cloud refuses says why, and what to do', async ({
  page,
  server,
  asAdmin,
  openstack,
}) => {
  const { environment, location } = await openstackGround(asAdmin, 'Refusals', openstack);
  const name = `a-name-as-long-as-people-give-them-to-volumes-of-databases-${Date.now()}`;
  const { id } = await asAdmin.post<{ id: string }>(`/user/${environment}/volumes/`, {
    name,
    cloudLocation: location,
    sizeGib: 1,
    volumeType: { id: 'none' },
  });
  await page.goto(`${server.url}/environment-${environment}/volumes/${id}`);
  const failure = page.getByRole('region', { name: `Failure of ${name}` });
  await expect(failure).toContainText('The cloud does not take this volume type.', { timeout: STEP_MS });
  await expect(failure).toContainText('Next: List the volume types of the location');
  await expect(failure.getByRole('button', { name: 'Copy what the cloud said' })).toBeVisible();
  await axe(page);
  await screenshots(page, 'volume-failure');
  await page.getByRole('link', { name: 'Volumes', exact: true }).click();
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText(
    'does not take this volume type',
  );
  await screenshots(page, 'volumes-failure');
  await page.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('deleted', { exact: true }).first()).toBeVisible({ timeout: STEP_MS });
});

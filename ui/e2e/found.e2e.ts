import { vsphereFarm, vsphereGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

test.describe('what users declare', () => {
  test('is counted where one begins, and found by its name', async ({ page, server, asAdmin, vcenter }) => {
    const ground = await vsphereGround(asAdmin, 'Found', await vcenter(['-template', '1']));
    const user = `/user/${ground.environment}`;
    const shop = await vsphereFarm(asAdmin, ground, 'findme', 1);
    await vsphereFarm(asAdmin, ground, 'asleep', 1);
    await asAdmin.post(`${user}/farms/${shop}/actions/launch/`);
    const home = `${server.url}/environment-${ground.environment}`;
    await page.goto(home);
    const farms = page.getByRole('link', { name: /Farms 1 running, 1 terminated$/ });
    await expect(farms).toContainText('2');
    await expect(page.getByRole('link', { name: /Servers 1 running$/ })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('and no server fails')).toBeVisible();

    const find = async (words: string, hit: RegExp) => {
      const field = page.getByRole('textbox', { name: 'Find anything' });
      await expect(field).toHaveCount(0);
      await page.keyboard.press('Control+k');
      await field.fill(words);
      await page.getByRole('button', { name: hit }).first().click();
    };
    await find('findme', /findme.*farm ·/);
    await expect(page.getByRole('heading', { level: 1, name: 'findme' })).toBeVisible();
    await find('findme-1', /findme-1.*server ·/);
    await expect(page.getByRole('heading', { level: 1, name: 'findme-1' })).toBeVisible();
    await find('app', /app.*farm-role · farm findme/);
    await expect(page.getByRole('heading', { level: 1, name: 'findme' })).toBeVisible();
    await find('base', /base.*role ·/);
    await expect(page.getByRole('heading', { level: 1, name: 'base' })).toBeVisible();
    const using = page.getByRole('region', { name: 'Farms that use it' }).first();
    await expect(using.getByRole('row')).toHaveCount(3);
    await expect(using.getByRole('row', { name: /findme/ })).toContainText('1 running');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText(/use/);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

    // A role without an image for the place of a tier: its next server fails, and the overview says why.
    await page.getByRole('button', { name: /^Remove / }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await asAdmin.post(`${user}/servers/`, {
      farmRole: { id: (await asAdmin.get<{ id: number }[]>(`${user}/farms/${shop}/farm-roles/`))[0]?.id },
    });
    await page.goto(home);
    const problems = page.getByRole('region', { name: 'What needs attention' });
    await expect(problems).toContainText('The role has no image for vmware', { timeout: 60_000 });
    await expect(problems).toContainText('Next: Register an image there and add it to the role.');
    await expect(
      page.getByRole('link', {
        name: /Servers 1 pending launch, 1 running$|Servers 1 running, 1 pending launch$/,
      }),
    ).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-farms');
    await problems.getByRole('link').first().click();
    await expect(page.getByRole('region', { name: /^Failure of/ })).toBeVisible();
    await page.goto(`${home}/servers?failed=yes`);
    await expect(page.getByRole('row')).toHaveCount(2);
    await page.getByRole('combobox', { name: 'Failure' }).click();
    await page.getByRole('option', { name: 'without a failure' }).click();
    await expect(page.getByRole('row', { name: /findme-1/ })).toBeVisible();

    // The role picker says where each role can be launched; one without an image cannot be.
    await page.goto(`${home}/farms/${shop}/farm-roles/new`);
    await page.getByRole('combobox', { name: 'Role', exact: true }).click();
    await expect(page.getByRole('option', { name: /^base/ })).toContainText(
      'No image for a cloud of this environment',
    );
    await page.getByRole('option', { name: /^base/ }).click();
    await expect(page.getByText('It has no image for a cloud of this environment.')).toBeVisible();
    await asAdmin.post(`${user}/farms/${shop}/actions/terminate/`, {});
    await page.goto(`${home}/farms/${shop}`);
    await expect(page.getByRole('cell', { name: 'terminated', exact: true })).toHaveCount(2, {
      timeout: 60_000,
    });
  });
});

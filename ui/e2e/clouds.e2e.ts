import { another, type Api, axe, expect, openstackBody, screenshots, test, vsphereBody } from './fixtures';

/** Adds credentials and links them to the environment. */
async function link(api: Api, environment: number, body: { provider: string; name: string }) {
  const { id } = await api.post<{ id: string }>('/account/1/cloud-credentials/', body);
  await api.post(`/account/1/environments/${environment}/clouds/${body.provider}/`, { id });
}

test.describe('clouds and overviews', () => {
  test('say what to do next where there is nothing yet', async ({ page, server }) => {
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
    await page.goto(`${server.url}/global`);
    await expect(page.getByRole('heading', { level: 1, name: 'The whole installation' })).toBeVisible();
    await expect(page.getByRole('link', { name: /^1 Accounts/ })).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-scalr');
  });

  test('show at once what somebody else links', async ({ page, server, asAdmin, openstack, browser }) => {
    const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Watched' });
    const other = await another(browser, server);
    for (const it of [page, other]) {
      await it.goto(`${server.url}/environment-${id}/clouds`);
      await expect(it.getByText('No cloud is linked to this environment')).toBeVisible();
    }
    await link(asAdmin, id, openstackBody('watched', openstack));
    for (const it of [page, other]) {
      const card = it.getByRole('region', { name: 'OpenStack', exact: true });
      await expect(card.getByRole('link', { name: 'RegionOne' })).toBeVisible();
      await expect(card.getByText('succeeded')).toBeVisible();
    }
    await other.context().close();
  });

  test('lead from the numbers to the machines', async ({ page, server, asAdmin, openstack, vcenter }) => {
    const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Both' });
    await link(asAdmin, id, openstackBody('both-os', openstack));
    await link(asAdmin, id, vsphereBody('both-vc', await vcenter()));
    await page.goto(`${server.url}/environment-${id}`);
    await expect(page.getByRole('link', { name: /^2 Clouds/ })).toBeVisible();
    await expect(page.getByRole('link', { name: /^\d+ Machines/ })).toHaveAttribute(
      'href',
      `/environment-${id}/inventory`,
    );
    await expect(
      page.getByText('Nothing: every cloud was read without an error, and no server fails.'),
    ).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-environment');
    await page.goto(`${server.url}/account-1`);
    const steps = page.getByRole('region', { name: 'First steps' });
    await expect(steps.getByRole('img', { name: 'done' })).toHaveCount(2);
    await expect(steps.getByRole('link', { name: 'Open users' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'overview-account');
  });

  test('are read on demand, and say when that fails', async ({ page, server, asAdmin, vcenter }) => {
    const simulated = await vcenter();
    const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Read' });
    await link(asAdmin, id, vsphereBody('read-vc', simulated));
    await page.goto(`${server.url}/environment-${id}/clouds`);
    const card = page.getByRole('region', { name: 'VMware vSphere', exact: true });
    await expect(card.getByRole('link', { name: 'DC0' })).toBeVisible();
    const syncs = page.getByRole('region', { name: 'Last synchronisations of VMware vSphere' });
    await expect(syncs.getByRole('row', { name: /credentials linked/ })).toContainText('succeeded');
    await page.getByRole('button', { name: 'Sync VMware vSphere now' }).click();
    await expect(syncs.getByRole('row', { name: /asked for/ })).toContainText('succeeded');
    await axe(page);
    await screenshots(page, 'clouds');

    await simulated.kill();
    await page.getByRole('button', { name: 'Sync VMware vSphere now' }).click();
    await expect(syncs.getByRole('cell', { name: 'failed' }).first()).toBeVisible();
    await page.goto(`${server.url}/environment-${id}`);
    const attention = page.getByRole('region', { name: 'What needs attention' });
    await expect(attention.getByRole('link', { name: 'VMware vSphere' })).toBeVisible();
    await axe(page);
  });
});

import { openstackGround } from './farm-parts';
import { axe, expect, screenshots, test } from './fixtures';

/** Neutron and the reconciler take some seconds for each step. */
const STEP_MS = 60_000;

test('a security group is made, its rules are changed, and it is deleted', async ({
  page,
  server,
  asAdmin,
  openstack,
}) => {
  const ground = await openstackGround(asAdmin, 'Groups', openstack);
  const name = `web-${Date.now()}`;
  const dialog = page.getByRole('dialog');
  const field = (label: string) => dialog.getByRole('textbox', { name: label, exact: true });
  const row = page.getByRole('row', { name: new RegExp(name) });

  await page.goto(`${server.url}/environment-${ground.environment}/security-groups`);
  await expect(page.getByText('No security groups yet')).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: 'New security group' }).first().click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByText('Give the security group a name.')).toBeVisible();
  await field('Name').fill(name);
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByText('A range or address, such as 10.0.0.0/8.')).toBeVisible();
  await axe(page);
  await screenshots(page, 'security-group-wrong');
  await field('Rule 1 allows').fill('10.0.0.0/8');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(row).toContainText('TCP 22 from 10.0.0.0/8');
  await expect(row).toContainText('ready', { timeout: STEP_MS });
  await axe(page);
  await screenshots(page, 'security-groups');

  await row.getByRole('button', { name: `Edit the rules of ${name}` }).click();
  await field('Ports of rule 1').fill('443');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('TCP 443 from 10.0.0.0/8');
  await expect(row).toContainText('ready', { timeout: STEP_MS });

  await row.getByRole('button', { name: `Delete ${name}` }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(row).toContainText('deleted', { timeout: STEP_MS });
  await expect(row.getByRole('button')).toHaveCount(0);
});

test('security groups and floating IPs need an OpenStack, and say so', async ({ page, server, asAdmin }) => {
  const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Groupless' });
  for (const path of ['security-groups', 'floating-ips']) {
    await page.goto(`${server.url}/environment-${id}/${path}`);
    await expect(page.getByText('No OpenStack is linked to this environment')).toBeVisible();
    await axe(page);
  }
});

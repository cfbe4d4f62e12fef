import type { Locator, Page } from '@playwright/test';

import { vsphereGround } from './farm-parts';
import { axe, expect, openstackBody, screenshots, test } from './fixtures';

async function choose(page: Page, field: string, option: string | RegExp, within: Page | Locator = page) {
  await within.getByRole('combobox', { name: field, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

test.describe('images', () => {
  test('are registered from what a cloud lists, and forgotten', async ({
    page,
    server,
    asAdmin,
    openstack,
  }) => {
    const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Pictures' });
    const made = await asAdmin.post<{ id: string }>(
      '/account/1/cloud-credentials/',
      openstackBody('os-pictures', openstack),
    );
    const images = `${server.url}/environment-${id}/images`;
    await page.goto(images);
    await expect(page.getByText('No images yet')).toBeVisible();
    await axe(page);
    await screenshots(page, 'images-empty');

    // Without a cloud there is nothing to choose.
    await page.getByRole('link', { name: 'Register image' }).first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Register image' })).toBeVisible();
    await expect(page.getByPlaceholder('No cloud is linked to this environment')).toBeVisible();
    const send = page.getByRole('button', { name: 'Register image' });
    await send.click();
    for (const message of ['Choose a cloud.', 'Choose a location.', 'Choose an operating system.'])
      await expect(page.getByText(message)).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Cloud' })).toBeFocused();
    await axe(page);
    await screenshots(page, 'image-register-wrong');

    // One that is linked meanwhile appears by itself, and where there is one choice it is made.
    await asAdmin.post(`/account/1/environments/${id}/clouds/openstack/`, { id: made.id });
    await expect(page.getByRole('combobox', { name: 'Cloud' })).toHaveValue('OpenStack');
    await expect(page.getByRole('combobox', { name: 'Location' })).toHaveValue('RegionOne');
    await send.click();
    await expect(page.getByText('Choose an image.')).toBeVisible();
    await choose(page, 'Operating system', 'Debian 12');
    await page.getByRole('textbox', { name: 'Name' }).fill('x'.repeat(256));
    await page.getByRole('button', { name: 'Read the cloud now' }).click();
    await page.getByRole('combobox', { name: 'Image', exact: true }).fill('tin');
    await page.getByRole('option', { name: /^tiny/ }).click();
    await send.click();
    await expect(page.getByText('At most 255 characters.')).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.getByRole('textbox', { name: 'Name' }).fill('');
    await page.getByRole('checkbox', { name: 'cloud-init is installed' }).check();
    await axe(page);
    await screenshots(page, 'image-register');
    await page.keyboard.press('Tab');
    await send.click();
    await expect(page.getByRole('heading', { level: 1, name: 'tiny' })).toBeVisible();
    await expect(page.getByText('Image tiny is registered.')).toBeVisible();
    const facts = page.getByRole('region', { name: 'Facts' });
    for (const text of ['OpenStack', 'RegionOne', 'Debian 12', 'x86_64', 'installed', 'environment', 'never'])
      await expect(facts).toContainText(text);
    await expect(page.getByText('No role uses it')).toBeVisible();

    // It cannot be registered a second time.
    await page.goto(`${images}/new?os=debian-12`);
    await expect(page.getByRole('combobox', { name: 'Operating system' })).toHaveValue('Debian 12');
    await page.getByRole('combobox', { name: 'Image', exact: true }).click();
    await expect(page.getByRole('option', { name: /^tiny.*registered as tiny/ })).toHaveAttribute(
      'data-combobox-disabled',
      'true',
    );
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Cancel' }).click();

    // A role that uses it holds it; the list tells of others at once.
    const [registered] = await asAdmin.get<{ id: string }[]>(`/user/${id}/images/`);
    const role = await asAdmin.post<{ id: number }>(`/user/${id}/roles/`, {
      name: 'web',
      category: { id: 1 },
      os: { id: 'debian-12' },
    });
    await page.getByRole('link', { name: 'tiny' }).click();
    await asAdmin.post(`/user/${id}/roles/${role.id}/images/`, { image: { id: registered?.id } });
    const users = page.getByRole('region', { name: 'Roles that use it' }).first();
    await expect(users.getByRole('link', { name: 'web' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'image');
    await page.getByRole('button', { name: 'Delete' }).click();
    const ask = page.getByRole('dialog');
    await expect(ask).toContainText('It is used by web: take it out of those roles first');
    await ask.getByRole('button', { name: 'Delete' }).click();
    await expect(ask.getByRole('alert')).toContainText('Image "tiny" is used by roles: web.');
    await expect(ask.getByRole('alert')).toContainText('Take it out of those roles, or replace it.');
    await axe(page);
    await ask.getByRole('button', { name: 'Cancel' }).click();

    await page.getByRole('button', { name: 'Edit' }).click();
    await ask.getByRole('textbox', { name: 'Name' }).fill(' ');
    await page.keyboard.press('Enter');
    await expect(ask.getByText('Give the image a name.')).toBeVisible();
    await ask.getByRole('textbox', { name: 'Name' }).fill('small Debian');
    await ask.getByRole('switch', { name: 'Deprecated' }).check();
    await axe(page);
    await ask.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'small Debian' })).toBeVisible();
    await expect(page.getByText('deprecated', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Replace' }).click();
    await expect(ask.getByPlaceholder('No other image is registered there')).toBeVisible();
    await ask.getByRole('button', { name: 'Replace' }).click();
    await expect(ask.getByText('Choose an image.')).toBeVisible();
    await ask.getByRole('button', { name: 'Cancel' }).click();

    await users.getByRole('link', { name: 'web' }).click();
    await page.getByRole('button', { name: 'Remove small Debian' }).click();
    await ask.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('No images yet')).toBeVisible();
    await page.goto(images);
    await page.getByRole('link', { name: 'small Debian' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await ask.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('Image small Debian is forgotten.')).toBeVisible();
    await expect(page.getByText('No images yet')).toBeVisible();
    await page.goto(`${images}/none-such`);
    await expect(page.getByRole('alert')).toContainText('none-such');
  });

  test('of all clouds and scopes are listed and narrowed down', async ({
    page,
    server,
    asAdmin,
    vcenter,
  }) => {
    const ground = await vsphereGround(asAdmin, 'Gallery', await vcenter(['-template', '1']));
    const shared = (name: string, location: string) => ({
      name,
      cloudPlatform: 'openstack',
      cloudLocation: location,
      cloudImageId: `glance ${name}`,
      architecture: 'x86_64',
      os: { id: 'ubuntu-24-04' },
    });
    await asAdmin.post('/account/1/images/', shared('ubuntu-a', 'RegionOne'));
    await asAdmin.post('/account/1/images/', shared('ubuntu-b', 'RegionTwo'));
    const images = `${server.url}/environment-${ground.environment}/images`;
    await page.goto(images);
    const rows = page.getByRole('row');
    await expect(rows).toHaveCount(4);
    const template = page.getByRole('row', { name: /VMware vSphere/ });
    for (const text of ['DC0', 'Debian 12', 'environment', 'active'])
      await expect(template).toContainText(text);
    await axe(page);
    await screenshots(page, 'images');

    await choose(page, 'Cloud', 'OpenStack');
    await expect(rows).toHaveCount(3);
    await choose(page, 'Location', 'RegionTwo');
    await expect(rows).toHaveCount(2);
    await expect(page).toHaveURL(/cloud=openstack&location=RegionTwo/);
    await page.reload();
    await expect(rows).toHaveCount(2);
    await choose(page, 'Scope', 'environment');
    await expect(page.getByText('Nothing here passes the filter')).toBeVisible();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect(rows).toHaveCount(4);
    await choose(page, 'Operating system', 'Ubuntu 24.04 LTS');
    await expect(rows).toHaveCount(3);
    await page.getByRole('textbox', { name: 'Filter images' }).fill('buntu-b');
    await expect(rows).toHaveCount(2);

    // Seen here, changed there.
    await page.getByRole('link', { name: 'ubuntu-b' }).click();
    await expect(page.getByRole('note')).toContainText(
      'was made in the account and can be changed only there',
    );
    await expect(page.getByRole('button', { name: 'Delete' })).toHaveCount(0);
    await axe(page);
    await page.getByRole('link', { name: 'Open it there' }).click();
    await expect(page).toHaveURL(/account-1\/images/);
    await expect(page.getByRole('button', { name: 'Delete' })).toBeVisible();

    // Where there is no cloud to ask, its ids are typed.
    await page.getByRole('link', { name: 'Images' }).click();
    await page.getByRole('link', { name: 'Register image' }).click();
    const send = page.getByRole('button', { name: 'Register image' });
    await send.click();
    for (const message of [
      'Choose a cloud.',
      'Enter the id of the location.',
      'Enter the id of the image in the cloud.',
      'Give the image a name.',
      'Choose an operating system.',
    ])
      await expect(page.getByText(message)).toBeVisible();
    await choose(page, 'Cloud', 'VMware vSphere');
    await page.getByRole('textbox', { name: 'Location' }).fill('datacenter-2');
    await page.getByRole('textbox', { name: 'MoRef of the template' }).fill('vm-42');
    await page.getByRole('textbox', { name: 'vCenter' }).fill('vc.example.com');
    await page.getByRole('textbox', { name: 'Name' }).fill('win');
    await choose(page, 'Operating system', /^Windows Server 2022/);
    await axe(page);
    await screenshots(page, 'image-register-account');
    await send.click();
    await expect(page.getByRole('region', { name: 'Facts' })).toContainText('vc.example.com');

    // What the server refuses stands beside the form, with all that was typed.
    await page.goBack();
    await choose(page, 'Cloud', 'OpenStack');
    await page.getByRole('textbox', { name: 'Location' }).fill('RegionOne');
    await page.getByRole('textbox', { name: 'ID of the image' }).fill('glance ubuntu-a');
    await page.getByRole('textbox', { name: 'Name' }).fill('again');
    await choose(page, 'Operating system', 'Ubuntu 24.04 LTS');
    await send.click();
    await expect(page.getByRole('form', { name: 'Image' }).getByRole('alert')).toContainText(
      'is registered already in this account, as "ubuntu-a"',
    );
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('again');
  });
});

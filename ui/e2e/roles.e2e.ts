import type { Locator, Page } from '@playwright/test';

import { axe, expect, screenshots, test } from './fixtures';

async function choose(page: Page, field: string, option: string | RegExp, within: Page | Locator = page) {
  await within.getByRole('combobox', { name: field, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

type Registered = { id: string; name: string };

function glance(name: string, location: string, os = 'debian-12') {
  return {
    name,
    cloudPlatform: 'openstack',
    cloudLocation: location,
    cloudImageId: `glance ${name}`,
    architecture: 'x86_64',
    os: { id: os },
  };
}

test.describe('roles', () => {
  test('are made, given images, and deleted', async ({ page, server, asAdmin }) => {
    const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Parts' });
    for (const [name, location, os] of [
      ['one', 'RegionOne'],
      ['one-newer', 'RegionOne'],
      ['two', 'RegionTwo'],
      ['other', 'RegionTwo', 'ubuntu-24-04'],
    ] as const)
      await asAdmin.post<Registered>('/account/1/images/', glance(name, location, os));
    const roles = `${server.url}/environment-${id}/roles`;
    await page.goto(roles);
    await expect(page.getByText('No roles yet')).toBeVisible();
    await axe(page);
    await screenshots(page, 'roles-empty');

    await page.getByRole('button', { name: 'New role' }).first().click();
    const dialog = page.getByRole('dialog');
    const name = dialog.getByRole('textbox', { name: 'Name' });
    await expect(name).toBeFocused();
    await page.keyboard.press('Enter');
    for (const message of ['Give the role a name.', 'Choose an operating system.', 'Choose a category.'])
      await expect(dialog.getByText(message)).toBeVisible();
    await expect(name).toBeFocused();
    await name.fill('-web');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('a letter or digit at both ends')).toBeVisible();
    await axe(page);
    await screenshots(page, 'role-new-wrong');
    await asAdmin.post(`/user/${id}/roles/`, { name: 'taken', category: { id: 1 }, os: { id: 'debian-12' } });
    await name.fill('taken');
    await choose(page, 'Operating system', 'Debian 12', dialog);
    await choose(page, 'Category', 'Web servers', dialog);
    await dialog.getByRole('textbox', { name: 'Description' }).fill('Front of the shop');
    await dialog.getByRole('combobox', { name: 'Tags' }).fill('shop');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByRole('alert')).toContainText(
      'A role named "taken" exists already in this environment.',
    );
    await expect(dialog.getByRole('textbox', { name: 'Description' })).toHaveValue('Front of the shop');
    await name.fill('web');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'web' })).toBeVisible();
    const facts = page.getByRole('region', { name: 'Facts' });
    for (const text of ['Debian 12', 'Web servers', 'environment', 'shop', 'Front of the shop'])
      await expect(facts).toContainText(text);
    await expect(page.getByText('No images yet')).toBeVisible();
    await expect(page.getByText('No farm uses it')).toBeVisible();

    // Only images of its operating system, and one for each location.
    await page.getByRole('button', { name: 'Add image' }).click();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByText('Choose an image.')).toBeVisible();
    await dialog.getByRole('combobox', { name: 'Image' }).click();
    await expect(page.getByRole('option')).toHaveText([
      'one: OpenStack, RegionOne',
      'one-newer: OpenStack, RegionOne',
      'two: OpenStack, RegionTwo',
    ]);
    await page.getByRole('option', { name: /^one:/ }).click();
    await axe(page);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const images = page.getByRole('region', { name: 'Images' }).first();
    await expect(images.getByRole('row', { name: /RegionOne/ })).toContainText('one');
    await page.getByRole('button', { name: 'Add image' }).click();
    await dialog.getByRole('combobox', { name: 'Image' }).click();
    await expect(page.getByRole('option')).toHaveText(['two: OpenStack, RegionTwo']);
    await page.getByRole('option').click();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(images.getByRole('row')).toHaveCount(3);
    await page.getByRole('button', { name: 'Replace one' }).click();
    await dialog.getByRole('combobox', { name: 'Image' }).click();
    await expect(page.getByRole('option')).toHaveText(['one-newer']);
    await page.getByRole('option').click();
    await dialog.getByRole('button', { name: 'Replace' }).click();
    await expect(images.getByRole('link', { name: 'one-newer' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'role');
    await page.getByRole('button', { name: 'Remove two' }).click();
    await expect(dialog).toContainText('Nothing is launched from the role in OpenStack, RegionTwo any more');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect(images.getByRole('row')).toHaveCount(2);

    await page.getByRole('button', { name: 'Edit' }).click();
    await expect(dialog.getByRole('combobox', { name: 'Operating system' })).toBeDisabled();
    await name.fill('front');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'front' })).toBeVisible();

    await page.getByRole('button', { name: 'Deprecate' }).click();
    await dialog.getByRole('textbox', { name: 'Why' }).fill('Too old');
    await choose(page, 'Use instead', 'taken', dialog);
    await axe(page);
    await dialog.getByRole('button', { name: 'Deprecate' }).click();
    const note = page.getByRole('note');
    await expect(note).toContainText('Too old');
    await expect(note.getByRole('link', { name: 'taken' })).toBeVisible();
    await axe(page);
    await screenshots(page, 'role-deprecated');
    await page.getByRole('button', { name: 'Undo the deprecation' }).click();
    await expect(note).toHaveCount(0);

    await page.getByRole('button', { name: 'Clone' }).click();
    await expect(dialog.getByRole('textbox', { name: 'Name of the copy' })).toHaveValue('front copy');
    await dialog.getByRole('textbox', { name: 'Name of the copy' }).fill('taken');
    await dialog.getByRole('button', { name: 'Clone' }).click();
    await expect(dialog.getByRole('alert')).toContainText('A role named "taken" exists already');
    await dialog.getByRole('textbox', { name: 'Name of the copy' }).fill('back');
    await dialog.getByRole('button', { name: 'Clone' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'back' })).toBeVisible();
    await expect(images.getByRole('link', { name: 'one-newer' })).toBeVisible();

    await page.getByRole('button', { name: 'Promote' }).click();
    await expect(dialog).toContainText('All environments of the account see it then');
    await dialog.getByRole('button', { name: 'Promote' }).click();
    await expect(note).toContainText('was made in the account and can be changed only there');
    await expect(page.getByRole('button', { name: 'Delete' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Open it there' }).click();
    await expect(page).toHaveURL(/account-1\/roles/);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('Role back is deleted.')).toBeVisible();
    await expect(page.getByRole('row', { name: /back/ })).toHaveCount(0);
    await page.goto(`${roles}/999999`);
    await expect(page.getByRole('alert')).toContainText('999999');
  });

  test('are sorted by categories, narrowed down, and found', async ({ page, server, asAdmin }) => {
    const { id } = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'Sorted' });
    const roles = `${server.url}/environment-${id}/roles`;
    await page.goto(roles);
    await page.getByRole('link', { name: 'Categories' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Role categories' })).toBeVisible();
    await expect(page.getByRole('row', { name: /Web servers/ })).toContainText('Scalr');
    await page.getByRole('button', { name: 'New category' }).click();
    const dialog = page.getByRole('dialog');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Give the category a name.')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Web servers');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('exists already at Scalr scope');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Robots');
    await page.keyboard.press('Enter');
    const row = page.getByRole('row', { name: /Robots/ });
    await expect(row).toContainText('environment');
    await axe(page);
    await screenshots(page, 'role-categories');
    await page.getByRole('button', { name: 'Rename Robots' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Machines');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('row', { name: /Machines/ })).toBeVisible();

    const categories = await asAdmin.get<{ id: number; name: string }[]>(`/user/${id}/role-categories/`);
    const own = categories.find((it) => it.name === 'Machines')?.id;
    const post = (name: string, category: number | undefined, os: string) =>
      asAdmin.post(`/user/${id}/roles/`, { name, category: { id: category }, os: { id: os } });
    await post('arm', own, 'debian-12');
    await post('leg', 1, 'ubuntu-24-04');
    await expect(page.getByRole('link', { name: 'Roles of Machines' })).toHaveText('1');
    await page.getByRole('button', { name: 'Delete Machines' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(dialog.getByRole('alert')).toContainText('is in use by roles');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Roles of Machines' }).click();
    const rows = page.getByRole('row');
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText('arm');
    await page.reload();
    await expect(rows).toHaveCount(2);
    await choose(page, 'Operating system', 'Ubuntu 24.04 LTS');
    await expect(page.getByText('Nothing here passes the filter')).toBeVisible();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect(rows).toHaveCount(3);
    await choose(page, 'Scope', 'account');
    await expect(page.getByText('Nothing here passes the filter')).toBeVisible();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.getByRole('button', { name: 'Name' }).click();
    await page.getByRole('button', { name: 'Name' }).click();
    await expect(rows.nth(1)).toContainText('leg');
    await axe(page);
    await screenshots(page, 'roles');
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: 'Find anything' }).fill('arm');
    await page.getByRole('button', { name: /^arm/ }).first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'arm' })).toBeVisible();
  });
});

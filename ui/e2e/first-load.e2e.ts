import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from './fixtures';

/** Of script, compressed as the server sends it. */
const LIMIT = 250_000;

test('the first page needs little script, and other pages bring their own', async ({ browser, server }) => {
  const page = await (await browser.newContext()).newPage();
  const scripts = new Map<string, number>();
  page.on('requestfinished', async (request) => {
    if (request.resourceType() === 'script') {
      scripts.set(request.url(), (await request.sizes()).responseBodySize);
    }
  });
  const load = async () => {
    await page.waitForLoadState('networkidle');
    return [...scripts.values()].reduce((sum, it) => sum + it, 0);
  };
  await page.goto(`${server.url}/login`);
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  const first = await load();
  expect(first).toBeGreaterThan(50_000);
  expect(first).toBeLessThanOrEqual(LIMIT);
  await page.getByRole('textbox', { name: 'Email' }).fill(server.admin.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(server.admin.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Pages of this scope' })).toBeVisible();
  expect(await load()).toBeLessThanOrEqual(LIMIT);
  const all = readdirSync(resolve(import.meta.dirname, '../dist/assets')).filter((it) => it.endsWith('.js'));
  expect(scripts.size, 'most pages are not loaded yet').toBeLessThan(all.length / 2);
  await page.context().close();
});

test('the page asks nobody but its own server', () => {
  const html = readFileSync(join(import.meta.dirname, '../dist/index.html'), 'utf8');
  expect(html.match(/(?:src|href)="[^"]*"/g)?.filter((it) => !/="\//.test(it))).toEqual([]);
});

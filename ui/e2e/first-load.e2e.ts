import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from './fixtures';

/** Of script, compressed by gzip. */
const LIMIT = 250_000;

test('the first page needs little script, and other pages bring their own', async ({ browser, server }) => {
  const context = await browser.newContext({ extraHTTPHeaders: { 'Accept-Encoding': 'gzip' } });
  const page = await context.newPage();
  const scripts = new Map<string, number>();
  page.on('requestfinished', async (request) => {
    if (request.resourceType() === 'script') {
      expect((await request.response())?.headers()['content-encoding'] ?? 'small').toMatch(/^gzip$|^small$/);
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
  await context.close();
});

test('scripts come as the browser takes them', async ({ browser, server }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const fetched = async (encodings: string) => {
    const answer = await page.request.get(server.url, { headers: { 'Accept-Encoding': encodings } });
    expect(answer.headers().vary).toContain('accept-encoding');
    return {
      encoding: answer.headers()['content-encoding'],
      tag: answer.headers().etag,
      text: await answer.text(),
    };
  };
  const plain = await fetched('identity');
  expect(plain.encoding).toBeUndefined();
  for (const [encodings, encoding] of [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
  ] as const) {
    const answer = await fetched(encodings);
    expect(answer).toEqual({ encoding, tag: expect.not.stringMatching(plain.tag ?? ''), text: plain.text });
  }
  await context.close();
});

test('the page asks nobody but its own server', () => {
  const html = readFileSync(join(import.meta.dirname, '../dist/index.html'), 'utf8');
  expect(html.match(/(?:src|href)="[^"]*"/g)?.filter((it) => !/="\//.test(it))).toEqual([]);
});

import { type Page, expect, test } from '@playwright/test';

import { loggedIn, report, traced } from './measure';

/** A part of the names that `store_machines` gives. 111 of 20,000 have it. */
const TYPED = 'app-199';
/** Between keys and between turns of the wheel, like a person in a hurry. */
const PAUSE_MS = 60;

test('a list of 20,000 machines', async ({ browser, request }) => {
  const context = await browser.newContext({ storageState: await loggedIn(request) });
  const page = await context.newPage();
  await page.goto(process.env.STACKYARD_BENCH_LIST ?? '');
  await expect(page.getByText('20,000 machines')).toBeVisible();
  const table = page.getByRole('region', { name: /^Machines of / });
  await expect(table.getByRole('link').first()).toBeVisible();
  const filter = page.getByRole('textbox', { name: 'Name contains' });

  const typing = await traced(browser, page, async () => {
    await filter.focus();
    await page.keyboard.type(TYPED, { delay: PAUSE_MS });
    await expect(page.getByText(/^\d{1,3} machines?$/)).toBeVisible();
    for (const _ of TYPED) await page.keyboard.press('Backspace', { delay: PAUSE_MS });
    await expect(page.getByText('20,000 machines')).toBeVisible();
    await expect(table.getByRole('row')).not.toHaveCount(0);
  });
  report({ what: 'typing a filter and clearing it', ...typing });
  const scrolling = await traced(browser, page, async () => {
    await table.hover();
    await wheel(page, 100, 400);
    await wheel(page, 20, 20_000);
    for (const key of ['End', 'PageUp', 'PageUp', 'Home', 'PageDown', 'PageDown', 'End', 'Home']) {
      await table.press(key);
      await expect(table.getByRole('link').first()).toBeVisible();
    }
  });
  report({ what: 'scrolling by wheel and keys', ...scrolling });
  await context.close();
});

async function wheel(page: Page, n: number, pixels: number) {
  for (let turn = 0; turn < n; turn++) {
    await page.mouse.wheel(0, pixels);
    await page.waitForTimeout(PAUSE_MS / 2);
  }
}

import { defineConfig } from '@playwright/test';

import tests from '../playwright.config';

/**
 * Playwright has the browser tell where each request comes from. V8 keeps no positions in scripts that it compiles, and
 * would read them a second time for that, which it does for no person's request.
 */
const KEEP_POSITIONS = '--js-flags=--no-enable-lazy-source-positions';
const { launchOptions } = tests.use ?? {};

/** One after another, so that they share no core; figures go to standard output, as lines of JSON. */
export default defineConfig({
  ...tests,
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../../target/e2e-bench',
  workers: 1,
  timeout: 600_000,
  reporter: [['line']],
  use: {
    ...tests.use,
    trace: 'off',
    baseURL: process.env.STACKYARD_BENCH_URL,
    launchOptions: { ...launchOptions, args: [...(launchOptions?.args ?? []), KEEP_POSITIONS] },
  },
});

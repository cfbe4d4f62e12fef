import { defineConfig } from '@playwright/test';

import tests from '../playwright.config';

/** One after another, so that they share no core; figures go to standard output, as lines of JSON. */
export default defineConfig({
  ...tests,
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../../target/e2e-bench',
  workers: 1,
  timeout: 600_000,
  reporter: [['line']],
  use: { ...tests.use, trace: 'off', baseURL: process.env.STACKYARD_BENCH_URL },
});

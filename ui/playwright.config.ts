import { defineConfig } from '@playwright/test';

/** Traffic to loopback only: Chromium's own services are switched off. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.e2e.ts',
  outputDir: '../target/e2e',
  workers: 2,
  // A test's time is mostly the clouds' own; a check that never comes fails by its own, shorter limit.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Zurich',
    trace: 'retain-on-failure',
    launchOptions: { executablePath: process.env.STACKYARD_TEST_CHROMIUM ?? '/usr/bin/chromium', args },
  },
});

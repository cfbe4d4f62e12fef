import { AxeBuilder } from '@axe-core/playwright';
import { type APIRequestContext, type Browser, expect, type Page, test as base } from '@playwright/test';
import { join, resolve } from 'node:path';

import { type Openstack, openstack, Server, Vcenter } from './processes';

export { expect, Vcenter };
const SCREENSHOTS = resolve(import.meta.dirname, '../../target/screenshots');

type OfTest = {
  /** Logged in as the first administrator; fails the test when the browser's log has an error or a warning. */
  page: Page;
  /** The API as the administrator, to prepare what a test is not about. */
  asAdmin: Api;
};
type OfFile = { server: Server; vcenter: (flags?: string[]) => Promise<Vcenter> };
type OfWorker = { openstack: Openstack; started: (file: string) => Promise<Started> };

/** What was started for the tests of one file. */
class Started {
  readonly vcenters: Vcenter[] = [];

  private constructor(
    readonly file: string,
    readonly server: Server,
  ) {}

  static async for(file: string): Promise<Started> {
    return new Started(file, await Server.start());
  }

  async remove() {
    await Promise.all([this.server.remove(), ...this.vcenters.map((it) => it.stop())]);
  }
}

/** Each test file has a server and vCenters of its own, so that files do not see each other's objects. */
export const test = base.extend<OfTest & OfFile, OfWorker>({
  started: [
    async ({}, use) => {
      let now: Started | undefined;
      await use(async (file) => {
        if (now?.file !== file) {
          await now?.remove();
          now = await Started.for(file);
        }
        return now;
      });
      await now?.remove();
    },
    { scope: 'worker' },
  ],
  openstack: [
    async ({}, use) => {
      await use(openstack());
    },
    { scope: 'worker' },
  ],
  server: async ({ started }, use, { file }) => {
    await use((await started(file)).server);
  },
  vcenter: async ({ started }, use, { file }) => {
    const { vcenters } = await started(file);
    await use(async (flags) => {
      const vcenter = await Vcenter.start(flags);
      vcenters.push(vcenter);
      return vcenter;
    });
  },
  baseURL: async ({ server }, use) => {
    await use(server.url);
  },
  page: async ({ page, server }, use) => {
    const said = listen(page);
    await login(page, server);
    await use(page);
    expect(said, 'errors and warnings in the log of the browser').toEqual([]);
  },
  asAdmin: async ({ playwright, server }, use) => {
    const context = await playwright.request.newContext({ baseURL: server.url });
    await use(await Api.login(context, server));
    await context.dispose();
  },
});

/** Collects what the browser complains of. Refusals of the API are the page's business and are asserted there. */
export function listen(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isRefusal) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  return said;
}

export async function login(
  page: Page,
  server: Server,
  email = server.admin.email,
  password = server.admin.password,
) {
  await page.goto(`${server.url}/login`);
  await page.getByRole('textbox', { name: 'Email' }).fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(
    page.getByRole('navigation', { name: 'Pages of this scope' }).or(page.getByRole('heading', { level: 1 })),
  ).not.toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Log in' })).toHaveCount(0);
}

/** A second person, in a browser of their own. */
export async function another(browser: Browser, server: Server): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await login(page, server);
  return page;
}

/** No violation of WCAG 2.2 A and AA, light and dark. Leaves the page light. */
export async function axe(page: Page) {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
    // Colours on their way from one scheme to the other are nobody's. What waits turns round without an end.
    await page.evaluate(() =>
      Promise.all(
        document
          .getAnimations()
          .filter((it) => it.effect?.getComputedTiming().endTime !== Infinity)
          .map((it) => it.finished.catch(() => undefined)),
      ),
    );
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    const found = violations.map(
      (it) => `${colorScheme}: ${it.id}: ${it.nodes.map((node) => node.html).join(' | ')}`,
    );
    expect(found, `violations on ${page.url()}`).toEqual([]);
  }
}

/** The page as pictures: light and dark, wide and as narrow as a phone. */
export async function screenshots(page: Page, name: string) {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // Parts that are placed by script follow the new width a moment later.
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      await expect.poll(wide, `${name} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0);
      // The bar that stays in view would otherwise lie across the middle of a long page.
      await page.evaluate(() => window.scrollTo(0, 0));
      await page.screenshot({
        path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Credentials that the OpenStack of the tests accepts. */
export const openstackBody = (name: string, cloud: Openstack) => ({
  cloudCredentialsType: 'OpenstackCloudCredentials',
  provider: 'openstack',
  name,
  keystoneUrl: cloud.keystoneUrl,
  userName: 'demo',
  password: cloud.password,
  tenantName: 'demo',
  domainName: 'Default',
});

/** Credentials that a simulated vCenter accepts; its certificate is not looked at. */
export const vsphereBody = (name: string, vcenter: Vcenter) => ({
  cloudCredentialsType: 'VmwareCloudCredentials',
  provider: 'vmware',
  name,
  url: vcenter.url,
  userName: Vcenter.user,
  password: Vcenter.password,
  sslVerification: false,
});

/** The API with the session of the first administrator. Paths begin after `/api/v1beta0`. */
export class Api {
  private constructor(
    private readonly context: APIRequestContext,
    private readonly csrfToken: string,
  ) {}

  static async login(context: APIRequestContext, server: Server): Promise<Api> {
    const { email, password } = server.admin;
    const answer = await context.post('/api/v1beta0/session/', { data: { email, password } });
    const { data } = (await answer.json()) as { data: { csrfToken: string } };
    return new Api(context, data.csrfToken);
  }

  async get<T>(path: string): Promise<T> {
    return this.ask<T>('GET', path);
  }

  async post<T>(path: string, data?: unknown): Promise<T> {
    return this.ask<T>('POST', path, data);
  }

  async patch<T>(path: string, data: unknown): Promise<T> {
    return this.ask<T>('PATCH', path, data);
  }

  async delete(path: string): Promise<void> {
    await this.ask('DELETE', path);
  }

  private async ask<T>(method: string, path: string, data?: unknown): Promise<T> {
    const headers = { 'X-CSRF-Token': this.csrfToken };
    const answer = await this.context.fetch(`/api/v1beta0${path}`, {
      method,
      data,
      headers,
      timeout: 60_000,
    });
    const text = await answer.text();
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${text}`);
    return (text ? (JSON.parse(text) as { data: T }).data : undefined) as T;
  }
}

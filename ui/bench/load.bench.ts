import { type Browser, expect, test } from '@playwright/test';

import { loggedIn, report, traced } from './measure';

const RUNS = 5;
/** How much slower than this machine's the core is that a page is opened with. */
const SLOWDOWN = 4;

/** `ms` until it answers; `cpuSeconds` of the main thread until then. */
type Opened = { ms: number; cpuSeconds: number; kilobytes: number };
/** `parts` are all there, by selector, before it is tried whether `key` is answered. */
type Kind = { name: string; path: string; parts: string[]; key: string };

const FRAME = ['nav', 'header', 'h1'];
const KINDS: Kind[] = [
  { name: 'login', path: '/login', parts: ['h1', 'input[autocomplete=username]'], key: 'x' },
  { name: 'overview', path: '/', parts: FRAME, key: 'Control+k' },
  {
    name: 'machines, with the first rows of 20,000',
    path: process.env.STACKYARD_BENCH_LIST ?? '',
    parts: [...FRAME, 'tbody a'],
    key: 'Control+k',
  },
];

for (const kind of KINDS)
  test(kind.name, async ({ browser, request }) => {
    expect((await request.get('/')).status(), 'the console is in the program').toBe(200);
    const state = kind.path === '/login' ? undefined : await loggedIn(request);
    const open = (slowdown: number) => opened(browser, kind, state, slowdown);
    // What is waited for is measured on a slowed core, and what is worked on one that is not.
    const slow: Opened[] = [];
    const full: Opened[] = [];
    for (let n = 0; n < RUNS; n++) {
      slow.push(await open(SLOWDOWN));
      full.push(await open(1));
    }
    report({
      what: kind.name,
      interactiveMs: median(slow.map((it) => it.ms)),
      unslowedMs: median(full.map((it) => it.ms)),
      cpuSeconds: median(full.map((it) => it.cpuSeconds)),
      kilobytes: median(full.map((it) => it.kilobytes)),
    });
  });

/**
 * Opens a page with an empty cache. Its time goes from the start of the navigation to the first frame that shows the
 * answer to a key which was pressed once the parts were there: a letter in the field, or the palette. A key that finds
 * nobody listening is pressed again.
 */
async function opened(browser: Browser, kind: Kind, state: State, slowdown: number): Promise<Opened> {
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await devtools.send('Network.enable');
  let bytes = 0;
  devtools.on('Network.loadingFinished', (it) => (bytes += it.encodedDataLength));
  const parts = new Promise<void>((done) => page.exposeFunction('thePartsAreThere', done));
  await page.addInitScript(watch, kind.parts);
  let ms: number | null = null;
  const { cpuSeconds } = await traced(browser, page, async () => {
    await page.goto(kind.path, { waitUntil: 'commit' });
    await parts;
    while (ms === null) {
      await page.keyboard.press(kind.key);
      ms = await page.evaluate(() => (window as unknown as Watched).answeredMs());
    }
  });
  await expect(page.getByRole('textbox', { name: kind.key === 'x' ? 'Email' : 'Find anything' })).toHaveValue(
    kind.key === 'x' ? /^x+$/ : '',
  );
  await context.close();
  return { ms: ms ?? NaN, cpuSeconds, kilobytes: bytes / 1000 };
}

type State = Awaited<ReturnType<typeof loggedIn>> | undefined;
/** `answeredMs` is `null` when no key was answered yet. */
type Watched = { thePartsAreThere: () => void; answeredMs: () => Promise<number | null> };

/** Runs in the page, before its own scripts. */
function watch(parts: string[]) {
  const page = window as unknown as Watched;
  new MutationObserver((_, observer) => {
    if (!parts.every((it) => document.querySelector(it))) return;
    observer.disconnect();
    page.thePartsAreThere();
  }).observe(document, { childList: true, subtree: true });

  let answered: Promise<number> | undefined;
  // In a task of its own after the frame's callbacks, when the frame is on its way to the screen.
  const drawn = () =>
    new Promise<number>((done) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now());
        port2.postMessage(null);
      }),
    );
  window.addEventListener('input', () => (answered ??= drawn()));
  // The palette takes its key from the browser.
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) answered ??= drawn();
  });
  page.answeredMs = async () => (await answered) ?? null;
}

function median(figures: number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
}

import { type Browser, expect, test } from '@playwright/test';

import { loggedIn, report, traced } from './measure';

const RUNS = 5;
/** How much slower than this machine's the core is that a page is opened with. */
const SLOWDOWN = 4;

/** `ms` until it is there and answers; `cpuSeconds` of the main thread until then. */
type Opened = { ms: number; cpuSeconds: number; kilobytes: number };
/** `parts` are selectors; `key` is what `Input.dispatchKeyEvent` takes. */
type Kind = { name: string; path: string; parts: string[]; key: typeof LETTER | typeof PALETTE };

/** Between keys, beside the time that each needs. */
const PAUSE_MS = 10;
const LETTER = { type: 'keyDown', text: 'x', key: 'x', code: 'KeyX', windowsVirtualKeyCode: 88 } as const;
const PALETTE = {
  type: 'rawKeyDown',
  modifiers: 2,
  key: 'k',
  code: 'KeyK',
  windowsVirtualKeyCode: 75,
} as const;

const FRAME = ['nav', 'header', 'h1'];
const KINDS: Kind[] = [
  { name: 'login', path: '/login', parts: ['h1', 'input[autocomplete=username]'], key: LETTER },
  { name: 'overview', path: '/', parts: FRAME, key: PALETTE },
  {
    name: 'machines, with the first rows of 20,000',
    path: process.env.STACKYARD_BENCH_LIST ?? '',
    parts: [...FRAME, 'tbody a'],
    key: PALETTE,
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
 * Opens a page with an empty cache while somebody presses a key again and again. Its time goes from the start of the
 * navigation to the first frame that shows all parts and the answer to the key: a letter in the field, or the palette.
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
    let areThere = false;
    void parts.then(() => (areThere = true));
    while (ms === null) {
      await devtools.send('Input.dispatchKeyEvent', kind.key);
      if (areThere) ms = await page.evaluate(() => (window as unknown as Watched).answeredMs());
      else await page.waitForTimeout(PAUSE_MS);
    }
  });
  await expect(
    page.getByRole('textbox', { name: kind.key === LETTER ? 'Email' : 'Find anything' }),
  ).toHaveValue(kind.key === LETTER ? /^x+$/ : '');
  await context.close();
  return { ms: ms ?? NaN, cpuSeconds, kilobytes: bytes / 1000 };
}

type State = Awaited<ReturnType<typeof loggedIn>> | undefined;
/** `answeredMs` is `null` before that. */
type Watched = { thePartsAreThere: () => void; answeredMs: () => Promise<number | null> };

/** Runs in the page, before its own scripts. */
function watch(parts: string[]) {
  const page = window as unknown as Watched;
  // In a task of its own after the frame's callbacks, when the frame is on its way to the screen.
  const drawn = () =>
    new Promise<number>((done) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now());
        port2.postMessage(null);
      }),
    );

  let shown: Promise<number> | undefined;
  new MutationObserver((_, observer) => {
    if (!parts.every((it) => document.querySelector(it))) return;
    observer.disconnect();
    shown = drawn();
    page.thePartsAreThere();
  }).observe(document, { childList: true, subtree: true });
  let answered: Promise<number> | undefined;
  window.addEventListener('input', () => (answered ??= drawn()));
  // The palette takes its key from the browser.
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) answered ??= drawn();
  });
  page.answeredMs = async () => (shown && answered ? Math.max(await shown, await answered) : null);
}

function median(figures: number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
}

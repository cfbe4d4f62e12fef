import { type APIRequestContext, type Browser, expect, type Page } from '@playwright/test';

/** A line that `cargo xtask bench` reads. */
export function report(figures: { what: string; cpuSeconds: number } & Record<string, number | string>) {
  process.stdout.write(`\n${JSON.stringify(figures)}\n`);
}

/** The session of the first administrator. */
export async function loggedIn(request: APIRequestContext) {
  const { STACKYARD_BENCH_EMAIL: email, STACKYARD_BENCH_PASSWORD: password } = process.env;
  const answer = await request.post('/api/v1beta0/session/', { data: { email, password } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return request.storageState();
}

/** What the main thread did. A task is for how long it does not look for input. */
export type Work = {
  /** Of all tasks. */
  cpuSeconds: number;
  /** The longest by the clock, which other programs make longer. */
  taskMs: number;
  /** The longest by its own work. */
  taskCpuMs: number;
};

export async function traced(browser: Browser, page: Page, act: () => Promise<void>): Promise<Work> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await act();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const thread = (it: TraceEvent) => `${it.pid} ${it.tid}`;
  const threads = new Set(
    traceEvents.filter((it) => it.name === 'thread_name' && it.args?.name === 'CrRendererMain').map(thread),
  );
  const tasks = traceEvents.filter((it) => it.name === 'ThreadControllerImpl::RunTask' && it.ph === 'X');
  const cpu = (all: TraceEvent[]) => all.reduce((sum, it) => sum + (it.tdur ?? 0), 0);
  // Chromium keeps an idle process for the next page beside.
  const busiest = [...threads]
    .map((it) => tasks.filter((task) => thread(task) === it))
    .reduce((a, b) => (cpu(a) > cpu(b) ? a : b), []);
  expect(cpu(busiest), 'CPU of the main thread, in µs').toBeGreaterThan(10_000);
  const longest = (all: (number | undefined)[]) => all.reduce<number>((a, b) => Math.max(a, b ?? 0), 0);
  return {
    cpuSeconds: cpu(busiest) / 1e6,
    taskMs: longest(busiest.map((it) => it.dur)) / 1e3,
    taskCpuMs: longest(busiest.map((it) => it.tdur)) / 1e3,
  };
}

/** One of Chromium's; times in µs. */
type TraceEvent = {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  /** Of CPU. */
  tdur?: number;
  args?: { name?: string };
};

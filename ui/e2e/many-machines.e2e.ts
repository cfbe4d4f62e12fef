import { expect, test, Vcenter } from './fixtures';

/** Four thousand in each of four clusters and on one host alone. */
const FLAGS = [
  '-cluster',
  '4',
  '-host',
  '4',
  '-standalone-host',
  '1',
  '-vm',
  '4000',
  '-ip-base',
  '10.64.0.1',
];
const MANY = '20,000 machines';
const ROW_HEIGHT = 36;

test('20,000 machines are scrolled, filtered and sorted', async ({ page, server, asAdmin, vcenter }) => {
  // The simulator alone takes minutes to make them.
  test.setTimeout(900_000);
  const simulated = await vcenter(FLAGS);
  const { id } = await asAdmin.post<{ id: string }>('/account/1/cloud-credentials/', {
    cloudCredentialsType: 'VmwareCloudCredentials',
    provider: 'vmware',
    name: 'many',
    url: simulated.url,
    userName: Vcenter.user,
    password: Vcenter.password,
    sslVerification: false,
  });
  await asAdmin.post('/account/1/environments/1/clouds/vmware/', { id });
  const syncs = () => asAdmin.get<{ status: string }[]>('/user/1/clouds/vmware/syncs/');
  await expect.poll(async () => (await syncs())[0]?.status, { timeout: 400_000 }).toBe('succeeded');
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    const observer = new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map((it) => it.duration)),
    );
    observer.observe({ type: 'longtask' });
  });

  await page.goto(`${server.url}/environment-1/inventory`);
  await page.getByRole('link', { name: 'DC0' }).click();
  await expect(page.getByText(MANY)).toBeVisible();
  const table = page.getByRole('region', { name: 'Machines of DC0' });
  await expect(table.getByRole('table')).toHaveAttribute('aria-rowcount', '20001');
  // Only what is in view is in the page.
  await expect(table.getByRole('link', { name: 'DC0_C0_RP0_VM0', exact: true })).toBeVisible();
  expect(await table.getByRole('row').count()).toBeLessThan(100);

  const scrollTo = (row: number) => table.evaluate((box, top) => box.scrollTo(0, top), row * ROW_HEIGHT);
  await scrollTo(19_999);
  // By name, the last of the texts.
  await expect(table.getByRole('link', { name: 'DC0_H0_VM999', exact: true })).toBeVisible();
  await expect(page).toHaveURL(/page=200/);
  for (const row of [12_000, 4000, 16_000, 8000]) {
    await scrollTo(row);
    await expect(table.locator(`[aria-rowindex="${row + 12}"]`).getByRole('link')).toBeVisible();
  }
  // Where one was is where a reloaded page is.
  await expect(page).toHaveURL(/page=81/);
  await page.reload();
  await expect(table.locator('[aria-rowindex="8010"]').getByRole('link')).toBeVisible();

  const filter = page.getByRole('textbox', { name: 'Name contains' });
  await filter.pressSequentially('c2_rp0_vm399', { delay: 40 });
  await expect(page.getByText(/^11 machines$/)).toBeVisible();
  await expect(table.getByRole('row')).toHaveCount(12);
  await expect(table.getByRole('link', { name: 'DC0_C2_RP0_VM3990', exact: true })).toBeVisible();
  await filter.fill('');
  await expect(page.getByText(MANY)).toBeVisible();
  await page.getByRole('textbox', { name: 'Address contains' }).fill('10.64.78.');
  await expect(page.getByText(/^\d+ machines$/)).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page.getByText(MANY)).toBeVisible();
  const name = page.getByRole('columnheader', { name: 'Name' });
  await name.getByRole('button').click();
  await expect(name).toHaveAttribute('aria-sort', 'descending');
  await expect(table.getByRole('link', { name: 'DC0_H0_VM999', exact: true })).toBeVisible();

  const tasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
  const description = `${tasks.length} tasks of 50 ms and more, the longest ${Math.round(Math.max(0, ...tasks))} ms`;
  test.info().annotations.push({ type: 'main thread', description });

  const downloading = page.waitForEvent('download', { timeout: 120_000 });
  await page.getByRole('button', { name: 'Download CSV' }).click();
  await expect(page.getByRole('button', { name: 'Cancel download' })).toBeVisible();
  const stream = await (await downloading).createReadStream();
  let nLines = 0;
  for await (const chunk of stream) nLines += String(chunk).split('\r\n').length - 1;
  expect(nLines).toBe(20_001);
  await page.getByRole('button', { name: 'Download CSV' }).click();
  await page.getByRole('button', { name: 'Cancel download' }).click();
  await expect(page.getByRole('button', { name: 'Download CSV' })).toBeVisible();
});

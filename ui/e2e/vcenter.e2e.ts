import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Api, axe, expect, screenshots, test, Vcenter, vsphereBody } from './fixtures';
import { StandIn } from './stand-in';

/** An environment that is linked to the vCenter at this address; the path of its datacenter, in the API and the console. */
async function link(api: Api, name: string, url: string) {
  const { id: environment } = await api.post<{ id: number }>('/account/1/environments/', { name });
  const body = { ...vsphereBody(`vc-${name}`, { url } as Vcenter) };
  const { id } = await api.post<{ id: string }>('/account/1/cloud-credentials/', body);
  await api.post(`/account/1/environments/${environment}/clouds/vmware/`, { id });
  const locations = await api.get<{ cloudLocation: string }[]>(
    `/user/${environment}/clouds/vmware/cloud-locations/`,
  );
  const location = locations[0]?.cloudLocation ?? '';
  return {
    api: `/user/${environment}/clouds/vmware/cloud-locations/${location}`,
    page: `/environment-${environment}/inventory/vmware/${location}`,
  };
}

test('events of a datacenter, of a machine and of a time', async ({ page, server, asAdmin, vcenter }) => {
  const at = await link(asAdmin, 'Events', (await vcenter(['-vm', '60'])).url);
  await page.goto(`${server.url}${at.page}/machines`);
  await page.getByRole('link', { name: 'Events', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Events in DC0/ })).toBeVisible();
  const events = page.getByRole('list', { name: /^Events of DC0/ }).getByRole('listitem');
  await expect(events).toHaveCount(100);
  await expect(events.filter({ hasText: 'VmPoweredOnEvent' }).first()).toContainText('VirtualMachine DC0_');
  await axe(page);
  await screenshots(page, 'vcenter-events');
  await page.getByRole('button', { name: 'Show older ones' }).click();
  await expect.poll(() => events.count()).toBeGreaterThan(100);

  // One machine of many is found by a part of its name.
  const machine = page.getByRole('combobox', { name: 'Machine' });
  await machine.fill('H0_VM7');
  await page.getByRole('option', { name: 'DC0_H0_VM7', exact: true }).click();
  await expect(page).toHaveURL(/machine=vm-/);
  await expect(events.filter({ hasNotText: 'VirtualMachine DC0_H0_VM7' })).toHaveCount(0);
  await expect(events.first()).toBeVisible();
  await page.reload();
  await expect(machine).toHaveValue('DC0_H0_VM7');
  await page.getByLabel('From (your time)').fill('2020-01-02T00:00');
  await page.getByLabel('Until (your time)').fill('2020-01-01T00:00');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect(page.getByText('The end is not after the beginning.')).toBeVisible();
  await page.getByLabel('Until (your time)').fill('2020-01-03T00:00');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect(page.getByText('No event fits')).toBeVisible();
  await axe(page);
  await screenshots(page, 'vcenter-events-none');
  await page.getByRole('button', { name: 'Show all events' }).click();
  await expect(events).toHaveCount(100);
  await page.getByRole('button', { name: 'Ask the vCenter now' }).click();
  await expect(events).toHaveCount(100);

  // From the details of a machine.
  await page.goto(`${server.url}${at.page}/machines?q=DC0_H0_VM7`);
  await page.getByRole('link', { name: 'DC0_H0_VM7', exact: true }).click();
  await page.getByRole('link', { name: 'Events of this machine' }).click();
  await expect(machine).toHaveValue('DC0_H0_VM7');
});

test('files of a datastore are listed folder by folder, and deleted when nobody uses them', async ({
  page,
  server,
  asAdmin,
  vcenter,
}) => {
  const at = await link(asAdmin, 'Files', (await vcenter()).url);
  // The simulator's datastores have paths for ids, where one can put files.
  const [store] = await asAdmin.get<{ id: string; name: string }[]>(`${at.api}/datastores/`);
  const folder = store?.id.split('@')[0] ?? '';
  const iso = 'a system with a name that is longer than what most tables have room for, 12.11 amd64.iso';
  mkdirSync(join(folder, 'iso/linux'), { recursive: true });
  writeFileSync(join(folder, 'iso/linux', iso), '12345');
  await page.goto(`${server.url}${at.page}/datastores`);
  await page.getByRole('link', { name: store?.name, exact: true }).click();
  await page.getByRole('link', { name: 'Files of this datastore' }).click();
  await expect(page.getByRole('combobox', { name: 'Datastore', exact: true })).toHaveValue(store?.name ?? '');
  const files = page.getByRole('region', { name: /^Files in / });
  await expect(files.getByRole('link', { name: 'iso/' })).toBeVisible();
  await axe(page);
  await screenshots(page, 'datastore-files');
  await files.getByRole('link', { name: 'iso/' }).click();
  await files.getByRole('link', { name: 'linux/' }).click();
  await expect(files.getByRole('row', { name: /12\.11 amd64\.iso/ })).toContainText('5 B');
  await axe(page);
  await screenshots(page, 'datastore-files-long');
  const dialog = page.getByRole('dialog');
  await files.getByRole('button', { name: /^Delete a system/ }).click();
  await expect(dialog).toContainText(`Delete iso/linux/${iso}?`);
  await axe(page);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('The folder is empty')).toBeVisible();
  expect(existsSync(join(folder, 'iso/linux', iso))).toBe(false);

  // What a machine uses stays, with its name.
  const above = page.getByRole('navigation', { name: 'Folders above' });
  await above.getByRole('link', { name: 'iso' }).click();
  await above.getByRole('link', { name: store?.name }).click();
  await files.getByRole('link', { name: 'DC0_H0_VM0/' }).click();
  await files.getByRole('button', { name: 'Delete disk1.vmdk' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(dialog.getByRole('alert')).toContainText('is used by DC0_H0_VM0');
  expect(existsSync(join(folder, 'DC0_H0_VM0/disk1.vmdk'))).toBe(true);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.goBack();
  await expect(files.getByRole('link', { name: 'iso/' })).toBeVisible();
});

test('tasks of a vCenter, and logs that a vCenter without any has not', async ({
  page,
  server,
  asAdmin,
  vcenter,
}) => {
  const at = await link(asAdmin, 'Tasks', (await vcenter()).url);
  await page.goto(`${server.url}${at.page}/cloud-tasks`);
  const tasks = page.getByRole('region', { name: /^Tasks of / });
  await expect(tasks.getByRole('row', { name: /succeeded/ }).first()).toContainText(/VirtualMachine|DC0/);
  await axe(page);
  await screenshots(page, 'vcenter-tasks');
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'queued' }).click();
  await expect(page.getByText('No task is queued')).toBeVisible();
  await page.getByRole('button', { name: 'Show all tasks' }).click();
  await expect(tasks.getByRole('row', { name: /succeeded/ }).first()).toBeVisible();

  // The simulator keeps no logs, and says so in its own words.
  await page.getByRole('link', { name: 'Logs', exact: true }).click();
  const refusal = page.getByRole('alert');
  await expect(refusal).toContainText('The logs cannot be listed');
  await expect(refusal).toContainText('does not implement: QueryDescriptions');
  await axe(page);
  await screenshots(page, 'vcenter-logs-none');
});

/** A task that takes its time, and a log of 500 lines: the simulator has neither. */
let isCancelled = false;
function lacking(method: string, body: string): string | undefined {
  const val = (inside: string) => `<returnval>${inside}</returnval>`;
  switch (method) {
    case 'CancelTask':
      isCancelled = true;
      return '';
    case 'RetrievePropertiesEx':
      if (body.includes('<type>TaskManager</type>'))
        return val(
          '<objects><obj type="TaskManager">TaskManager</obj><propSet><name>recentTask</name><val>' +
            '<ManagedObjectReference type="Task">task-7</ManagedObjectReference></val></propSet></objects>',
        );
      if (body.includes('<obj type="Task">task-7</obj>'))
        return val(
          '<objects><obj type="Task">task-7</obj><propSet><name>info</name><val><key>task-7</key>' +
            '<descriptionId>VirtualMachine.clone</descriptionId><entity type="Datacenter">datacenter-2</entity>' +
            `<entityName>DC0</entityName><state>running</state><cancelled>${isCancelled}</cancelled>` +
            '<cancelable>true</cancelable><progress>45</progress><queueTime>2026-01-01T00:00:00Z</queueTime>' +
            '</val></propSet></objects>',
        );
      return undefined;
    case 'QueryDescriptions':
      return val(
        '<key>vpxd:vpxd.log</key><fileName>/var/log/vmware/vpxd/vpxd.log</fileName><creator>vpxd</creator>' +
          '<format>plain</format><mimeType>text/plain</mimeType><info><label>vCenter log</label>' +
          '<summary>What the vCenter server does</summary></info>',
      );
    case 'BrowseDiagnosticLog': {
      const start = Number(/<start>(\d+)</.exec(body)?.[1] ?? 1);
      const most = Number(/<lines>(\d+)</.exec(body)?.[1] ?? 1000);
      const end = Math.min(500, start + most - 1);
      const lines = Array.from({ length: Math.max(0, end - start + 1) }, (_, n) => start + n);
      const text = lines.map((it) => `<lineText>line ${it} of the log</lineText>`).join('');
      return val(`<lineStart>${start}</lineStart><lineEnd>${end}</lineEnd>${text}`);
    }
    default:
      return undefined;
  }
}

test('a task is cancelled and a log is read by pages, of a responder', async ({
  page,
  server,
  asAdmin,
  vcenter,
}) => {
  const standIn = await StandIn.before(await vcenter(['-plain']), lacking);
  try {
    const at = await link(asAdmin, 'Responder', standIn.url);
    await page.goto(`${server.url}${at.page}/cloud-tasks`);
    const task = page.getByRole('row', { name: /VirtualMachine\.clone/ });
    await expect(task).toContainText('45 %');
    await axe(page);
    await screenshots(page, 'vcenter-task');
    await task.getByRole('button', { name: 'Cancel VirtualMachine.clone' }).click();
    const dialog = page.getByRole('dialog');
    await axe(page);
    await dialog.getByRole('button', { name: 'Cancel task' }).click();
    await expect(task).toContainText('end asked for');
    await expect(task.getByRole('button')).toHaveCount(0);

    await page.getByRole('link', { name: 'Logs', exact: true }).click();
    await expect(page.getByRole('combobox', { name: 'Whose logs' })).toHaveValue('The vCenter itself');
    await axe(page);
    await screenshots(page, 'vcenter-logs');
    await page.getByRole('link', { name: '/var/log/vmware/vpxd/vpxd.log' }).click();
    const lines = page.getByRole('region', { name: 'Lines of vpxd:vpxd.log' });
    const which = page.getByRole('status').filter({ hasText: /^Lines/ });
    await expect(which).toHaveText(/^Lines 301 to 500/);
    await expect(lines).toContainText('line 500 of the log');
    await axe(page);
    await screenshots(page, 'vcenter-log');
    await page.getByRole('button', { name: 'Earlier' }).click();
    await expect(which).toHaveText(/^Lines 101 to 300/);
    await page.getByRole('button', { name: 'First' }).click();
    await expect(which).toHaveText(/^Lines 1 to 200/);
    await expect(page.getByRole('button', { name: 'Earlier' })).toBeDisabled();
    await page.getByRole('button', { name: 'Later' }).click();
    await expect(which).toHaveText(/^Lines 201 to 400/);
    await page.goBack();
    await expect(which).toHaveText(/^Lines 1 to 200/);
    await page.getByRole('button', { name: 'Last' }).click();
    await expect(which).toHaveText(/^Lines 301 to 500/);
    await page.getByRole('button', { name: 'All logs of the vCenter' }).click();
    await page.getByRole('combobox', { name: 'Whose logs' }).click();
    await page.getByRole('option', { name: 'DC0_H0', exact: true }).click();
    await page.getByRole('link', { name: /vpxd\.log$/ }).click();
    await expect(page).toHaveURL(/host=host-/);
    await expect(lines).toContainText('line 500 of the log');
    const [read] = await asAdmin.get<{ action: string }[]>('/account/1/audit/?action=cloud-logs.read');
    expect(read?.action).toBe('cloud-logs.read');
  } finally {
    standIn.stop();
  }
});

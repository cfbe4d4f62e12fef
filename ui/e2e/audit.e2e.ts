import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { axe, expect, screenshots, test } from './fixtures';

/** Changes the database past the server, as somebody would who covers their tracks. */
function tamper(dataDir: string, sql: string) {
  const program =
    'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()';
  execFileSync('python3', ['-c', program, join(dataDir, 'stackyard.db'), sql]);
}

test.describe('audit log', () => {
  test('a change is found, told before and after, and has an address', async ({ page, server, asAdmin }) => {
    const made = await asAdmin.post<{ id: number }>('/account/1/environments/', { name: 'staging' });
    await asAdmin.patch(`/account/1/environments/${made.id}/`, { name: 'production' });
    await page.goto(`${server.url}/account-1/audit`);
    const log = page.getByRole('region', { name: 'Audit log', exact: true });
    await expect(log.getByRole('row').nth(1)).toContainText('environments.update');
    await expect(log.getByRole('row').nth(2)).toContainText('environments.create');
    await axe(page);
    await screenshots(page, 'audit');
    await log
      .getByRole('row')
      .nth(1)
      .getByRole('link', { name: /^Details of row/ })
      .click();
    const row = page.getByRole('dialog', { name: /^Row/ });
    await expect(row.getByRole('row', { name: /^name/ })).toContainText('staging');
    await expect(row.getByRole('row', { name: /^name/ })).toContainText('production');
    await expect(row.getByText('admin@localhost, in the console')).toBeVisible();
    await axe(page);
    await screenshots(page, 'audit-row');

    // The link to the row holds when the row has long gone to another page.
    const link = page.url();
    const many = Array.from({ length: 101 }, (_, n) => `name ${n}`);
    await Promise.all(many.map((name) => asAdmin.patch(`/account/1/environments/${made.id}/`, { name })));
    await page.goto(link);
    await expect(row.getByRole('row', { name: /^name/ })).toContainText('staging');
    await row.getByRole('link', { name: 'Only this object' }).click();
    await expect(row).toBeHidden();
    await expect(page).toHaveURL(/type=environments/);
    await expect(page.getByRole('textbox', { name: 'Object ID' })).toHaveValue(String(made.id));
    await expect(page.getByText('Rows 1 to 100 of 103')).toBeVisible();
    await page.getByRole('button', { name: 'Older' }).click();
    await expect(page.getByText('Rows 101 to 103 of 103')).toBeVisible();
    await page.reload();
    await expect(page.getByText('Rows 101 to 103 of 103')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Older' })).toBeDisabled();
    await page.getByRole('button', { name: 'Newer' }).click();
    await expect(page.getByText('Rows 1 to 100 of 103')).toBeVisible();

    await page.getByRole('textbox', { name: 'Action' }).fill('environments.create');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/action=environments.create/);
    await expect(page.getByText('Rows 1 to 1 of 1')).toBeVisible();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('textbox', { name: 'Who' }).fill('nobody');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await expect(page.getByText('No change fits')).toBeVisible();
    await page.getByRole('button', { name: 'Show all changes' }).click();
    await expect(page.getByRole('textbox', { name: 'Who' })).toHaveValue('');
  });

  test('times filter, and those that make no sense are refused', async ({ page, server, asAdmin }) => {
    await asAdmin.post('/account/1/environments/', { name: 'timed' });
    await page.goto(`${server.url}/account-1/audit`);
    await page.getByLabel('From (your time)').fill('2026-02-03T10:00');
    await page.getByLabel('Until (your time)').fill('2026-02-03T09:00');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await expect(page.getByText('The end is not after the beginning')).toBeVisible();
    await page.getByLabel('Until (your time)').fill('2026-02-03T11:00');
    await page.keyboard.press('Enter');
    // In the address the same instant for readers in all zones; this one is in Zurich.
    await expect(page).toHaveURL(/from=2026-02-03T09%3A00%3A00.000Z/);
    await expect(page.getByText('No change fits')).toBeVisible();
    await page.reload();
    await expect(page.getByLabel('From (your time)')).toHaveValue('2026-02-03T10:00');
    await page.getByLabel('Until (your time)').fill('');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('row', { name: /timed/ })).toBeVisible();
    await page.goto(`${server.url}/account-1/audit?from=yesterday`);
    await expect(page.getByRole('alert')).toContainText('Since is no RFC 3339 time');
    await axe(page);
  });

  test('the log of the installation is another, and verifying finds the row that was altered', async ({
    page,
    server,
    asAdmin,
  }) => {
    await asAdmin.post('/account/1/environments/', { name: 'evidence' });
    await page.goto(`${server.url}/global/audit`);
    await expect(page.getByRole('row', { name: /sessions.login/ }).first()).toBeVisible();
    await expect(page.getByRole('row', { name: /environments.create/ })).toHaveCount(0);
    await page.getByRole('button', { name: 'Verify' }).click();
    await expect(page.getByText('The log is whole')).toBeVisible();
    await expect(page.getByText(/rows in 2 logs are as they were written/)).toBeVisible();
    await axe(page);
    await screenshots(page, 'audit-verified');

    const rows = await asAdmin.get<{ seq: number }[]>('/account/1/audit/?action=environments.create');
    const seq = rows[0]?.seq ?? 0;
    tamper(server.dataDir, `UPDATE audit SET actor_name = 'mallory' WHERE account_id = 1 AND seq = ${seq}`);
    await page.getByRole('button', { name: 'Verify' }).click();
    await expect(page.getByText('The log is not as it was written')).toBeVisible();
    await expect(page.getByText(`In the log of account Main, row ${seq} was altered.`)).toBeVisible();
    await axe(page);
    await screenshots(page, 'audit-altered');
    await page.getByRole('link', { name: String(seq), exact: true }).click();
    await expect(page).toHaveURL(/account-1\/audit/);
    await expect(page.getByRole('dialog', { name: `Row ${seq}` })).toContainText('mallory');
    await page.getByRole('button', { name: 'Close the details' }).click();

    tamper(server.dataDir, `DELETE FROM audit WHERE account_id = 1 AND seq >= ${seq}`);
    await page.getByRole('button', { name: 'Verify' }).click();
    await expect(page.getByText(`row ${seq} and all after it were cut off.`)).toBeVisible();
  });
});

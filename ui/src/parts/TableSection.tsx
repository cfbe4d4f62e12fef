import { Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

import { type Column, DataTable } from './DataTable';

type Props<T> = {
  title: string;
  action?: ReactNode;
  rows: T[];
  rowKey: (row: T) => string;
  columns: Column<T>[];
  empty: ReactNode;
};

/** A part of a page that is one short table, had whole. */
export function TableSection<T>({ title, action, rows, ...table }: Props<T>) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {action}
      </Group>
      <DataTable label={title} rowCount={rows.length} rowAt={(index) => rows[index]} {...table} />
    </Stack>
  );
}

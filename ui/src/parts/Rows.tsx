import { Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type Column, DataTable } from './DataTable';
import { ErrorNotice } from './ErrorNotice';

/** A short list inside a page: its loading, its failure, its rows. */
export function Rows<T>({
  label,
  list,
  columns,
  rowKey,
  empty,
}: {
  label: string;
  list: UseQueryResult<T[], Error>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  empty: ReactNode;
}) {
  if (list.error) return <ErrorNotice error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Loader role="status" aria-label={`Loading ${label.toLowerCase()}`} />;
  const rows = list.data;
  return (
    <DataTable
      label={label}
      columns={columns}
      rowCount={rows.length}
      rowAt={(index) => rows[index]}
      rowKey={rowKey}
      empty={empty}
    />
  );
}

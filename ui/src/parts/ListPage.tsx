import { Button, Group, Loader, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { type Column, DataTable } from './DataTable';
import { Empty } from './Empty';
import { ErrorNotice } from './ErrorNotice';
import { Page } from './Page';

type Props<T> = {
  title: string;
  hint: ReactNode;
  actions?: ReactNode;
  list: UseQueryResult<T[], Error>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** What the filter looks in. */
  words: (row: T) => (string | null | undefined)[];
  /** What to say, and to do, while there is not one. */
  empty: ReactNode;
  filters?: Filters<T>;
};

/** What narrows a list besides the words: its fields, what passes them, and how they are cleared. */
export type Filters<T> = {
  fields: ReactNode;
  isOn: boolean;
  keep: (row: T) => boolean;
  /** As the page's address has them when they are cleared. */
  none: Record<string, undefined>;
};

/** A page that is one short list, had whole: the filter and the order are in its address. */
export function ListPage<T>({
  title,
  hint,
  actions,
  list,
  columns,
  rowKey,
  words,
  empty,
  filters,
}: Props<T>) {
  const { q = '', sort } = useSearch({ strict: false });
  const navigate = useNavigate();
  const search = (next: Record<string, string | undefined>) =>
    void navigate({ to: '.', search: ((old: object) => ({ ...old, ...next })) as never, replace: true });
  const wanted = q.trim().toLowerCase();
  const rows = (list.data ?? []).filter(
    (row) => words(row).some((it) => it?.toLowerCase().includes(wanted)) && (filters?.keep(row) ?? true),
  );
  const by = columns.find((it) => it.sort === sort?.replace(/^-/, ''));
  if (by?.text) {
    const { text } = by;
    rows.sort((a, b) => text(a).localeCompare(text(b), undefined, { numeric: true }));
    if (sort?.startsWith('-')) rows.reverse();
  }
  const isNew = list.data?.length === 0;
  return (
    <Page title={title} hint={hint} actions={actions}>
      <ErrorNotice error={list.error} retry={() => void list.refetch()} />
      {!isNew && !list.error && (
        <Group gap="xs" role="search" aria-label={`Filter of ${title.toLowerCase()}`}>
          <TextInput
            aria-label={`Filter ${title.toLowerCase()}`}
            placeholder="Filter"
            leftSection={<IconSearch size={16} aria-hidden />}
            value={q}
            onChange={(event) => search({ q: event.currentTarget.value || undefined })}
            flex="1 1 12rem"
            maw={320}
          />
          {filters?.fields}
        </Group>
      )}
      {list.isPending && <Loader role="status" aria-label={`Loading ${title.toLowerCase()}`} />}
      {list.data && (
        <DataTable
          label={title}
          columns={columns}
          rowCount={rows.length}
          rowAt={(index) => rows[index]}
          rowKey={rowKey}
          sort={sort}
          onSort={(next) => search({ sort: next })}
          empty={
            isNew ? (
              empty
            ) : (
              <Empty
                title={filters?.isOn ? 'Nothing here passes the filter' : `Nothing here has “${q}” in it`}
                action={
                  <Button variant="default" onClick={() => search({ ...filters?.none, q: undefined })}>
                    Clear the filter
                  </Button>
                }
              />
            )
          }
        />
      )}
    </Page>
  );
}

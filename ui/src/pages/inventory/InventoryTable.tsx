import { Box, Button, Group, Loader, Text } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';

import { type Listing, PAGE_ROWS, type Place, useRefresh } from '../../api/inventory';
import { DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { useListState } from './address';
import { ColumnChoice, usual } from './ColumnChoice';
import type { InventoryColumn } from './columns';
import { CsvDownload } from './CsvDownload';
import { Filters, isFiltered, NO_FILTER } from './Filters';
import { FreshnessBar, FreshnessNotices } from './FreshnessBar';
import type { Kind } from './nouns';
import { nOf } from './units';
import { useRows } from './useRows';

type Props<T> = {
  kind: Kind;
  place: Place;
  locationName: string;
  listing: Listing<T>;
  columns: InventoryColumn<T>[];
  rowKey: (row: T) => string;
  /** What to do where there is nothing of this kind. */
  whenEmpty: string;
};

const ROW_HEIGHT = 36;

/** One list of a place: its filter, its columns, its age, and its rows. */
export function InventoryTable<T>(props: Props<T>) {
  const { kind, place, locationName, listing, columns, rowKey, whenEmpty } = props;
  const [state, change] = useListState();
  const refresh = useRefresh(place);
  const box = useRef<HTMLDivElement>(null);
  const firstPage = useRef(state.page ?? 1);
  const rows = useRows(listing, firstPage.current, (page) => {
    const next = page > 1 ? page : undefined;
    if (next !== state.page && !rows.isOutdated) change({ page: next });
  });
  const visible = useMemo(
    () => [columns[0]?.id ?? '', ...(state.columns?.split(',') ?? usual(columns))],
    [state.columns, columns],
  );
  // Where the address says one was; the top for another filter.
  useEffect(() => {
    if (!rows.key) return;
    box.current
      ?.querySelector('.table-box')
      ?.scrollTo({ top: (firstPage.current - 1) * PAGE_ROWS * ROW_HEIGHT });
    firstPage.current = 1;
  }, [rows.key]);

  const things = kind.label.toLowerCase();
  const clear = (
    <Button variant="default" onClick={() => change(NO_FILTER)}>
      Clear filters
    </Button>
  );
  const again = (
    <Button variant="default" loading={refresh.isPending} onClick={() => refresh.mutate([listing])}>
      Read the cloud now
    </Button>
  );
  return (
    <>
      <Filters kind={kind} place={place} state={state} change={change} />
      <Group justify="space-between" gap="xs">
        <Group gap="md" mih={30}>
          <Group gap="xs" role="status">
            <Text size="sm" fw={600}>
              {rows.total === undefined ? '' : nOf(rows.total, kind.one)}
            </Text>
            {rows.isOutdated && !rows.error && <Loader size="xs" aria-label={`Loading ${things}`} />}
          </Group>
          <FreshnessBar freshness={rows.freshness} listings={[listing]} refresh={refresh} />
        </Group>
        <Group gap="xs">
          <ColumnChoice
            columns={columns}
            visible={visible}
            onChange={(chosen) => change({ columns: chosen })}
          />
          <CsvDownload
            listing={listing}
            columns={columns.filter((it) => visible.includes(it.id))}
            locationName={locationName}
            isDisabled={!rows.total}
          />
        </Group>
      </Group>
      <FreshnessNotices freshness={rows.freshness} refresh={refresh} things={things} />
      <ErrorNotice error={rows.error} retry={rows.retry} title={`The ${things} cannot be listed`} />
      {rows.total === undefined && !rows.error && <Loader aria-label={`Loading ${things}`} />}
      {rows.total !== undefined && !(rows.isOutdated && rows.error) && (
        <Box ref={box} className={rows.isOutdated ? 'outdated' : undefined} aria-busy={rows.isOutdated}>
          <DataTable
            label={`${kind.label} of ${locationName}`}
            columns={columns}
            rowCount={rows.total}
            rowAt={rows.rowAt}
            rowKey={rowKey}
            onView={rows.onView}
            sort={state.sort ?? 'name'}
            onSort={(sort) => change({ sort: sort === 'name' ? undefined : sort, page: undefined })}
            visible={visible}
            empty={
              isFiltered(state) ? (
                <Empty title={`No ${kind.one} matches the filter`} action={clear} />
              ) : (
                <Empty title={`No ${things} in ${locationName}`} action={rows.freshness && again}>
                  {whenEmpty}
                </Empty>
              )
            }
          />
        </Box>
      )}
    </>
  );
}

import { Group, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react';
import { columnVisibilityFeature, type ColumnDef, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';

/** A column of a table of `T`. */
export type Column<T> = {
  /** Also the name in the page's address and in a CSV file's head. */
  id: string;
  label: string;
  cell: (row: T) => ReactNode;
  /** What a CSV file holds, and the title of a cut off cell. */
  text?: (row: T) => string;
  /** The server's name for this order; absent where it cannot sort by it. */
  sort?: string;
  isNumber?: boolean;
  /** Not shown until chosen. */
  isExtra?: boolean;
};

type Props<T> = {
  label: string;
  columns: Column<T>[];
  /** All rows there are, also those not loaded yet. */
  rowCount: number;
  /** `undefined`: not loaded yet. */
  rowAt: (index: number) => T | undefined;
  rowKey: (row: T) => string;
  /** Which rows are to be loaded, since they are in view or near it, and which is the topmost in view. */
  onView?: (first: number, last: number, top: number) => void;
  /** As the server takes it: a minus turns it round. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Ids of the columns to show; absent: those that are no extras. */
  visible?: string[];
  empty: ReactNode;
};

const features = tableFeatures({ columnVisibilityFeature });
const ROW_HEIGHT = 36;
/** Shorter tables are drawn whole, in the flow of the page. */
const SHORT = 100;

/** The one table: sorted and paged by the server, drawing only the rows in view. */
export function DataTable<T>(props: Props<T>) {
  const { columns, rowCount, rowAt, rowKey, onView, sort, onSort, visible, label, empty } = props;
  const box = useRef<HTMLDivElement>(null);
  const isShort = rowCount <= SHORT;
  const virtual = useVirtualizer({
    count: rowCount,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    enabled: !isShort,
  });
  const items = virtual.getVirtualItems();
  const first = isShort ? 0 : (items[0]?.index ?? 0);
  const last = isShort ? rowCount - 1 : (items.at(-1)?.index ?? Math.min(rowCount, 40) - 1);
  const top = isShort ? 0 : (virtual.range?.startIndex ?? 0);
  useEffect(() => {
    if (last >= first) onView?.(first, last, top);
  }, [first, last, top, onView]);

  const definitions = useMemo<ColumnDef<typeof features, T & object>[]>(
    () => columns.map((it) => ({ id: it.id, header: it.label })),
    [columns],
  );
  const columnVisibility = useMemo(
    () =>
      Object.fromEntries(
        columns.map((it) => [it.id, visible ? visible.includes(it.id) : !it.isExtra]),
      ) as Record<string, boolean>,
    [columns, visible],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: NO_DATA as (T & object)[],
    state: { columnVisibility },
  });
  const shown = table
    .getVisibleLeafColumns()
    .flatMap((it) => columns.find((column) => column.id === it.id) ?? []);

  if (rowCount === 0) return <div className="table-box">{empty}</div>;
  const before = isShort ? 0 : first * ROW_HEIGHT;
  const after = isShort ? 0 : Math.max(0, (rowCount - last - 1) * ROW_HEIGHT);
  return (
    <div
      ref={box}
      className="table-box"
      style={isShort ? undefined : { height: 'max(20rem, calc(100dvh - 17rem))' }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table aria-rowcount={rowCount + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {shown.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr aria-hidden style={{ height: before }}>
              <td colSpan={shown.length} style={{ height: before, border: 0 }} />
            </tr>
          )}
          {Array.from({ length: last - first + 1 }, (_, n) => first + n).map((index) => {
            const row = rowAt(index);
            return (
              <tr key={row ? rowKey(row) : `row-${index}`} aria-rowindex={index + 2}>
                {shown.map((column) => (
                  <td
                    key={column.id}
                    className={column.isNumber ? 'number' : undefined}
                    title={row && column.text?.(row)}
                  >
                    {row ? column.cell(row) : column === shown[0] ? <Text c="dimmed">…</Text> : null}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && (
            <tr aria-hidden style={{ height: after }}>
              <td colSpan={shown.length} style={{ height: after, border: 0 }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

/** The rows are drawn by their place, loaded or not; the table keeps only columns. */
const NO_DATA: object[] = [];

function Head<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}) {
  if (!column.sort || !onSort) {
    return (
      <th scope="col" className={column.isNumber ? 'number' : undefined}>
        {column.label}
      </th>
    );
  }
  const isUp = sort === column.sort;
  const isDown = sort === `-${column.sort}`;
  const Icon = isUp ? IconArrowUp : isDown ? IconArrowDown : IconArrowsSort;
  return (
    <th
      scope="col"
      aria-sort={isUp ? 'ascending' : isDown ? 'descending' : 'none'}
      className={column.isNumber ? 'number' : undefined}
    >
      <UnstyledButton
        fz="inherit"
        fw="inherit"
        onClick={() => onSort(isUp ? `-${column.sort}` : (column.sort ?? ''))}
      >
        <Group gap={4} wrap="nowrap" display="inline-flex">
          {column.label}
          <Icon size={13} stroke={isUp || isDown ? 2.2 : 1.2} aria-hidden />
        </Group>
      </UnstyledButton>
    </th>
  );
}

import type { ReactNode } from 'react';

import type { Column } from '../../parts/DataTable';
import { When } from '../../parts/When';
import { bytes, count } from './units';

/** A column that knows what a file holds of it: numbers without units, times as the API writes them. */
export type InventoryColumn<T> = Column<T> & { csv: (row: T) => string };
/** The name of a thing that another one names by its id. */
export type NameOf = (id: string | null | undefined) => string | undefined;

type More<T> = Partial<Pick<Column<T>, 'sort' | 'isExtra'>>;
const NOTHING = '–';

/** `show` draws the text in another way. */
export function words<T>(
  id: string,
  label: string,
  value: (row: T) => string | null | undefined,
  more: More<T> & { show?: (text: string, row: T) => ReactNode } = {},
): InventoryColumn<T> {
  const { show, ...rest } = more;
  return {
    id,
    label,
    text: (row) => value(row) ?? '',
    csv: (row) => value(row) ?? '',
    cell: (row) => {
      const text = value(row);
      if (!text) return NOTHING;
      return show ? show(text, row) : text;
    },
    ...rest,
  };
}

export function amount<T>(
  id: string,
  label: string,
  value: (row: T) => number | null | undefined,
  more: More<T> & { unit?: (n: number) => string } = {},
): InventoryColumn<T> {
  const { unit = count, ...rest } = more;
  return {
    id,
    label,
    isNumber: true,
    csv: (row) => String(value(row) ?? ''),
    cell: (row) => {
      const n = value(row);
      return n === null || n === undefined ? NOTHING : unit(n);
    },
    ...rest,
  };
}

/** The exact number of bytes is in the title. */
export function size<T>(
  id: string,
  label: string,
  value: (row: T) => number | null | undefined,
  more: More<T> = {},
): InventoryColumn<T> {
  const exact = (row: T) => {
    const n = value(row);
    return n === null || n === undefined ? '' : `${count(n)} bytes`;
  };
  return { ...amount(id, label, value, { unit: bytes, ...more }), text: exact };
}

export function yesNo<T>(
  id: string,
  label: string,
  value: (row: T) => boolean | null | undefined,
  more: More<T> = {},
): InventoryColumn<T> {
  const said = (row: T) => {
    const it = value(row);
    return it === true ? 'yes' : it === false ? 'no' : undefined;
  };
  return words(id, label, said, more);
}

export function time<T>(
  id: string,
  label: string,
  value: (row: T) => string | null | undefined,
  more: More<T> = {},
): InventoryColumn<T> {
  return {
    id,
    label,
    csv: (row) => value(row) ?? '',
    cell: (row) => <When at={value(row)} none={NOTHING} />,
    ...more,
  };
}

type Seen = { observedAt: string; firstSeenAt: string; changedAt: string };

/** What is known of everything that was read from a cloud. */
export function seen<T extends Seen>(): InventoryColumn<T>[] {
  return [
    time('firstSeenAt', 'First seen', (row) => row.firstSeenAt, { isExtra: true }),
    time('changedAt', 'Changed', (row) => row.changedAt, { isExtra: true }),
    time('observedAt', 'Observed', (row) => row.observedAt, { isExtra: true }),
  ];
}

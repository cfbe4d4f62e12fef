import { useDebouncedCallback } from '@mantine/hooks';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';

import { type Freshness, PAGE_ROWS, type Paged, pageQuery, type Rows } from '../../api/inventory';

/** The last list of which there are rows: shown until there are some of the one that is asked for. */
type Known<T> = { listing: Paged<T>; total: number; freshness: Freshness | undefined };

/** While scrolling goes on, pages that fly by are not asked for. */
const SETTLE_MS = 80;

/** A list of any length, of which only the pages in view are read. A page that left the view is no longer waited for. */
export function useRows<T>(listing: Paged<T>, firstPage: number, onPage: (page: number) => void) {
  const queries = useQueryClient();
  const [view, setView] = useState({ first: firstPage, last: firstPage });
  const [known, setKnown] = useState<Known<T>>();
  const isKnown = known !== undefined && isSame(known.listing, listing);
  const results = useQueries({
    queries: (isKnown || !known ? range(view.first, view.last) : [1]).map((n) => pageQuery(listing, n)),
  });

  const newest = results.reduce((a, b) => (b.dataUpdatedAt > a.dataUpdatedAt ? b : a)).data;
  if (newest && (!isKnown || known.total !== newest.total || known.freshness !== newest.freshness))
    setKnown({ listing, total: newest.total, freshness: newest.freshness });
  if (newest && known && !isKnown && view.last > 1) setView({ first: 1, last: 1 });

  const pages = new Map<number, Rows<T> | undefined>();
  if (known)
    for (const n of range(view.first, view.last))
      pages.set(n, queries.getQueryData(pageQuery(known.listing, n).queryKey));
  const settle = useDebouncedCallback((first: number, last: number, top: number) => {
    const next = { first: pageOf(first), last: pageOf(last) };
    setView((before) => (before.first === next.first && before.last === next.last ? before : next));
    onPage(pageOf(top));
  }, SETTLE_MS);
  return {
    total: known?.total,
    freshness: known?.freshness,
    /** What is shown is of another filter than the one that is asked for. */
    isOutdated: known !== undefined && !isKnown,
    key: known && JSON.stringify(known.listing.key),
    updatedAt: Math.max(0, ...results.map((it) => it.dataUpdatedAt)),
    isFetching: results.some((it) => it.isFetching),
    error: results.find((it) => it.error)?.error,
    retry: () => results.filter((it) => it.error).forEach((it) => void it.refetch()),
    rowAt: (index: number): T | undefined => pages.get(pageOf(index))?.rows[index % PAGE_ROWS],
    onView: useCallback((first: number, last: number, top: number) => settle(first, last, top), [settle]),
  };
}

function isSame<T>(a: Paged<T>, b: Paged<T>): boolean {
  return a === b || JSON.stringify(a.key) === JSON.stringify(b.key);
}

function pageOf(index: number): number {
  return Math.floor(index / PAGE_ROWS) + 1;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

import type { Place } from '../../api/inventory';
import { useScope } from '../../api/scope';

const ROUTE = '/in/$scope/inventory/$cloud/$location/$noun';

/** Where the page is. */
export function usePlace(): { place: Place; noun: string } {
  const scope = useScope();
  const { cloud, location, noun } = useParams({ from: ROUTE });
  const envId = scope.kind === 'environment' ? scope.id : 0;
  const place = useMemo(
    () => ({ envId, cloudPlatform: cloud, cloudLocation: location }),
    [envId, cloud, location],
  );
  return { place, noun };
}

export type ListState = {
  q?: string;
  sort?: string;
  page?: number;
  columns?: string;
  power?: string;
  status?: string;
  address?: string;
  parent?: string;
  id?: string;
  /** Of events: times are instants. */
  machine?: string;
  since?: string;
  until?: string;
  /** Of tasks. */
  state?: string;
  /** Of logs; without a host, the vCenter itself. `line`: the first one that is shown. */
  host?: string;
  log?: string;
  line?: string;
  /** Of files. */
  datastore?: string;
  folder?: string;
};

/** Filter, order, columns and what is open: all of it is in the page's address. */
export function useListState(): [ListState, (changes: Partial<ListState>) => void] {
  const state = useSearch({ from: ROUTE });
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Partial<ListState>) =>
      void navigate({
        to: '.',
        search: ((before: ListState) => ({ ...before, ...changes })) as never,
        // Going back leaves the list, or closes what was opened from it.
        replace: !changes.id && !changes.line,
        resetScroll: false,
      }),
    [navigate],
  );
  return [state, change];
}

import { useNavigate, useSearch } from '@tanstack/react-router';

import type { ServerFilter } from '../../api/servers';

const ROUTE = '/in/$scope/servers';

export type ServersSearch = {
  sort?: string;
  page?: number;
  status?: string;
  farm?: string;
  cloud?: string;
  /** `yes`: those that are not what they should be; `no`: the others. */
  failed?: string;
};

export const NO_FILTER: ServersSearch = {
  status: undefined,
  farm: undefined,
  cloud: undefined,
  failed: undefined,
  page: undefined,
};
export const STATUSES = [
  'pending_launch',
  'pending',
  'initializing',
  'running',
  'pending_suspend',
  'suspended',
  'resuming',
  'pending_terminate',
  'terminated',
];
/** Servers of one farm together, and a farm beside those made after it. */
const USUAL_SORT = 'farm';

/** Filter and order: all of it is in the page's address. */
export function useServersSearch(): [ServersSearch, (changes: ServersSearch) => void] {
  const search = useSearch({ from: ROUTE });
  const navigate = useNavigate();
  const change = (changes: ServersSearch) =>
    void navigate({
      to: '.',
      search: ((before: ServersSearch) => ({ ...before, ...changes })) as never,
      replace: true,
      resetScroll: false,
    });
  return [search, change];
}

/** As the server takes it. */
export function filterOf({ status, farm, cloud, failed, sort }: ServersSearch): ServerFilter {
  const isFailed = failed ? String(failed === 'yes') : undefined;
  return {
    status,
    farm,
    cloudPlatform: cloud,
    failed: isFailed,
    sort: (sort ?? USUAL_SORT) as ServerFilter['sort'],
  };
}

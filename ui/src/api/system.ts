import { queryOptions } from '@tanstack/react-query';

import { api, data, type Schemas } from './client';

export type System = Schemas['System'];

/** What runs is told by nobody, so it is asked for again and again. */
const EVERY_MS = 10_000;

export const systemQuery = queryOptions({
  queryKey: ['syncs', 'global', 'system'],
  queryFn: ({ signal }) => data(api.GET('/api/v1beta0/global/system/', { signal })),
  refetchInterval: EVERY_MS,
});

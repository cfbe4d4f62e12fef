import { infiniteQueryOptions } from '@tanstack/react-query';

import { api, data, type Schemas } from './client';
import type { Place } from './inventory';

export type CloudEvent = Schemas['CloudEvent'];
/** Times are instants, as RFC 3339 has them. */
export type EventFilter = { machine?: string; since?: string; until?: string };

const EVENTS =
  '/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-events/';

/** What a vCenter says came to pass, the newest first. It is asked each time, and nothing tells of new ones. */
export const cloudEventsQuery = (place: Place, filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey: ['cloud-events', place, filter],
    queryFn: ({ pageParam, signal }) => {
      const params = { path: place, query: { ...filter, ...pageParam } };
      return data(api.GET(EVENTS, { params, signal }));
    },
    initialPageParam: {} as { until?: string; before?: string },
    getNextPageParam: ({ next }) => (next ? { until: next.until, before: String(next.before) } : undefined),
    refetchOnWindowFocus: false,
  });

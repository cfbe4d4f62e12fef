import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import type { Place } from './inventory';

export type CloudLog = Schemas['CloudLog'];

const LOGS = '/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-logs/';
/** As many as the server gives where nobody says. */
export const LINES = 200;

/** The logs of a vCenter itself, or of one of its hosts. */
export const cloudLogsQuery = (place: Place, host: string | undefined) =>
  queryOptions({
    queryKey: ['cloud-logs', place, host],
    queryFn: ({ signal }) =>
      every((page) => answer(api.GET(LOGS, { params: { path: place, query: { ...page, host } }, signal }))),
    refetchOnWindowFocus: false,
  });

/** `start`: number of the first line; without, the end of the log. Each reading is in the audit log. */
export const logLinesQuery = (
  place: Place,
  logId: string,
  host: string | undefined,
  start: string | undefined,
) =>
  queryOptions({
    queryKey: ['cloud-log-lines', place, logId, host, start],
    queryFn: ({ signal }) => {
      const params = { path: { ...place, logId }, query: { host, start, lines: String(LINES) } };
      return data(api.GET(`${LOGS}{logId}/`, { params, signal }));
    },
    gcTime: 0,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });

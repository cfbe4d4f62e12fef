import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { total } from './clouds';
import { every } from './every';
import { readAnew } from './farms';
import type { Paged } from './inventory';
import type { paths } from './schema';

export type Server = Schemas['Server'];
export type Failure = Schemas['Failure'];
export type EventLogEntry = Schemas['EventLogEntry'];
/** What a user may want of a server; `sync` looks at it in its cloud now, and tries what failed. */
export type ServerAction = 'suspend' | 'resume' | 'reboot' | 'reboot-hard' | 'terminate' | 'sync';

const SERVERS = '/api/v1beta0/user/{envId}/servers/';
const SERVER = '/api/v1beta0/user/{envId}/servers/{serverId}/';
const OF_FARM = '/api/v1beta0/user/{envId}/farms/{farmId}/servers/';
const EVENT_LOGS = '/api/v1beta0/user/{envId}/event-logs/';

type QueryOf<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } }
  ? NonNullable<Q>
  : never;
export type ServerFilter = Pick<
  QueryOf<typeof SERVERS>,
  'status' | 'farm' | 'farmRole' | 'cloudPlatform' | 'failed' | 'sort'
>;

export function serversOf(envId: number, filter: ServerFilter): Paged<Server> {
  return {
    key: ['servers', `environment-${envId}`, filter],
    read: async ({ pageNum, maxResults }, signal) => {
      const params = { path: { envId }, query: { ...filter, pageNum, maxResults } };
      const page = await answer(api.GET(SERVERS, { params, signal }));
      return { rows: page.data, total: total(page), freshness: undefined };
    },
  };
}

/** Some of those that are not what they should be, and how many there are. */
export const failedServersQuery = (envId: number, maxResults: number) =>
  queryOptions({
    queryKey: ['servers', `environment-${envId}`, 'failed', maxResults],
    queryFn: async ({ signal }) => {
      const query = { failed: 'true', sort: 'farm' as const, maxResults };
      const page = await answer(api.GET(SERVERS, { params: { path: { envId }, query }, signal }));
      return { servers: page.data, total: total(page) };
    },
  });

export const farmServersQuery = (envId: number, farmId: number) =>
  queryOptions({
    queryKey: ['servers', `environment-${envId}`, 'farm', farmId],
    queryFn: ({ signal }) =>
      every((page) =>
        answer(
          api.GET(OF_FARM, {
            params: { path: { envId, farmId }, query: { sort: 'index', ...page } },
            signal,
          }),
        ),
      ),
  });

export const serverQuery = (envId: number, serverId: string) =>
  queryOptions({
    queryKey: ['servers', `environment-${envId}`, 'one', serverId],
    queryFn: ({ signal }) => data(api.GET(SERVER, { params: { path: { envId, serverId } }, signal })),
  });

/** Asks for something; what becomes of it is told by the stream of changes. */
export async function actOnServer(envId: number, serverId: string, action: ServerAction) {
  const params = { path: { envId, serverId } };
  switch (action) {
    case 'reboot':
    case 'reboot-hard':
      return data(api.POST(`${SERVER}actions/reboot/`, { params, body: { hard: action === 'reboot-hard' } }));
    case 'terminate':
      return data(api.POST(`${SERVER}actions/terminate/`, { params, body: {} }));
    case 'suspend':
      return data(api.POST(`${SERVER}actions/suspend/`, { params }));
    case 'resume':
      return data(api.POST(`${SERVER}actions/resume/`, { params }));
    case 'sync':
      return data(api.POST(`${SERVER}actions/sync/`, { params }));
  }
}

export function useServerAction(envId: number, serverId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (action: ServerAction) => actOnServer(envId, serverId, action),
    onSuccess: () => readAnew(queries),
  });
}

export function useLaunchServer(envId: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (farmRoleId: number) =>
      data(api.POST(SERVERS, { params: { path: { envId } }, body: { farmRole: { id: farmRoleId } } })),
    onSuccess: () => readAnew(queries),
  });
}

/** Of one server, or of all of a farm. */
export type EventsOf = { server: string } | { farm: string };
/** `entries` begins with the oldest; `total` counts also those that are older. */
export type Events = { entries: EventLogEntry[]; total: number };

/** The newest of what came to pass. An entry comes with a change of its server, so they are read anew with servers. */
export const eventsQuery = (envId: number, of: EventsOf, pages: number) =>
  queryOptions({
    queryKey: ['servers', `environment-${envId}`, 'events', of, pages],
    queryFn: async ({ signal }): Promise<Events> => {
      const entries: EventLogEntry[] = [];
      for (let pageNum = 1; ; pageNum++) {
        const query = { ...of, sort: '-at' as const, maxResults: 100, pageNum };
        const page = await answer(api.GET(EVENT_LOGS, { params: { path: { envId }, query }, signal }));
        entries.push(...page.data);
        if (pageNum >= pages || !page.pagination?.next)
          return { entries: entries.reverse(), total: total(page) };
      }
    },
  });

import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { at, type Scope, scopeSegment } from './scope';
import { sessionQuery } from './session';

/**
 * `live`: changes arrive by themselves. `lost`: the server is not reached, the browser tries again. `refused`: the server
 * is there, and tells this user nothing of this scope.
 */
export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

const RETRY_MS = 3000;
/** Permissions change seldom. */
const RETRY_REFUSED_MS = 30_000;

/** The nouns of the server's events. The first part of a query's key is one of them. */
const TOPICS = [
  'accounts',
  'users',
  'teams',
  'team-members',
  'environment-teams',
  'acl-roles',
  'api-keys',
  'tokens',
  'sessions',
  'environments',
  'cost-centers',
  'projects',
  'farms',
  'farm-roles',
  'servers',
  'volumes',
  'networks',
  'security-groups',
  'floating-ips',
  'roles',
  'role-categories',
  'images',
  'clouds',
  'cloud-credentials',
  'validations',
  'vmware-instance-types',
  'inventory',
  'syncs',
] as const;

/**
 * Keeps what is shown of a scope as it is on the server, by its stream of changes. `since`: the event after which
 * everything on the page was read.
 */
export function useLiveScope(scope: Scope, since: number): Connection {
  const queries = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const newest = useRef(since);
  const key = scopeSegment(scope);
  useEffect(() => {
    const path = at(scope, '/api/v1beta0/account/{accountId}/stream/');
    const id = scope.kind === 'account' ? String(scope.id) : '';
    let source: EventSource | undefined;
    let retry: number | undefined;
    let wasLost = false;
    let isOver = false;
    const open = () => {
      source = new EventSource(`${path.replace('{accountId}', id)}?lastEventId=${newest.current}`);
      const on = (name: string, then: () => void) =>
        source?.addEventListener(name, (event: MessageEvent) => {
          newest.current = Number(event.lastEventId);
          then();
        });
      const up = () => {
        setConnection('live');
        // What could not be read while the server was away is read now.
        if (wasLost) void queries.invalidateQueries();
        wasLost = false;
      };
      on('hello', up);
      on('reset', () => {
        up();
        void queries.invalidateQueries();
      });
      for (const topic of TOPICS) on(topic, () => readAnew(queries, topic));
      source.onerror = () => {
        wasLost = true;
        // The browser reconnects by itself unless the answer was no stream at all.
        if (source?.readyState !== EventSource.CLOSED) return setConnection('lost');
        void isLoggedIn(queries).then((isRefused) => {
          if (isOver) return;
          setConnection(isRefused ? 'refused' : 'lost');
          retry = window.setTimeout(open, isRefused ? RETRY_REFUSED_MS : RETRY_MS);
        });
      };
    };
    open();
    return () => {
      isOver = true;
      source?.close();
      window.clearTimeout(retry);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` is the scope's identity.
  }, [key, queries]);
  return connection;
}

/** Whether the server answers and knows us. Where it does not know us any more, the page asks for the password. */
function isLoggedIn(queries: QueryClient): Promise<boolean> {
  return queries.fetchQuery({ ...sessionQuery, staleTime: 0 }).then(Boolean, () => false);
}

const waiting = new Set<string>();

/** Many events of one topic in a moment are one reading. */
function readAnew(queries: QueryClient, topic: string) {
  if (waiting.has(topic)) return;
  waiting.add(topic);
  window.setTimeout(() => {
    waiting.delete(topic);
    void queries.invalidateQueries({ queryKey: [topic] });
    // A link that is made, undone or suspended makes other things available, or older.
    if (topic === 'clouds') void queries.invalidateQueries({ queryKey: ['inventory'] });
    // An image is taken out of roles and put into them, and its name stands there.
    if (topic === 'images') void queries.invalidateQueries({ queryKey: ['roles'] });
    // A farm tells how many servers it has of each status.
    if (topic === 'servers') void queries.invalidateQueries({ queryKey: ['farms'] });
    if (topic === 'environments' || topic === 'accounts')
      void queries.invalidateQueries({ queryKey: ['session'] });
    if (topic === 'validations' || topic === 'syncs')
      void queries.invalidateQueries({ queryKey: ['cloud-credentials'] });
  }, 250);
}

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { api, data, type Schemas, type Validation } from './client';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type Check = Schemas['Check'];

/** The report of a run, which may still be going on. */
export const validationQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: ['validations', scopeSegment(scope), id],
    queryFn: ({ signal }) =>
      data(
        api.GET(at(scope, '/api/v1beta0/account/{accountId}/validations/{validationId}/'), {
          params: { path: { accountId: accountId(scope), validationId: id } },
          signal,
        }),
      ),
  });

/** What a stream told of one run since the page was opened. */
type Told = { id: string; checks: Check[]; end?: Validation };

/**
 * A run as it stands this moment: read once, then each check as it ends. A page that is loaded anew sees all of it.
 * `undefined`: nothing to follow.
 */
export function useValidation(scope: Scope, id: string | undefined) {
  const query = useQuery({ ...validationQuery(scope, id ?? ''), enabled: id !== undefined });
  const queries = useQueryClient();
  const [told, setTold] = useState<Told>();
  const own = told && told.id === id ? told : undefined;
  const isRunning = query.data?.status === 'running' && !own?.end;
  const path = at(scope, '/api/v1beta0/account/{accountId}/validations/{validationId}/stream/')
    .replace('{accountId}', String(accountId(scope)))
    .replace('{validationId}', id ?? '');
  useEffect(() => {
    if (!id || !isRunning) return;
    let source: EventSource | undefined;
    let retry: number | undefined;
    const open = () => {
      source = new EventSource(path);
      source.addEventListener('check', (event: MessageEvent<string>) => {
        const check = JSON.parse(event.data) as Check;
        setTold((before) =>
          before?.id === id ? { ...before, checks: [...before.checks, check] } : { id, checks: [check] },
        );
      });
      source.addEventListener('end', (event: MessageEvent<string>) => {
        source?.close();
        setTold({ id, checks: [], end: JSON.parse(event.data) as Validation });
      });
      source.onerror = () => {
        // The browser reconnects by itself unless the answer was no stream at all.
        if (source?.readyState !== EventSource.CLOSED) return;
        void queries.invalidateQueries({ queryKey: ['validations'] });
        retry = window.setTimeout(open, 3000);
      };
    };
    open();
    return () => {
      source?.close();
      window.clearTimeout(retry);
    };
  }, [id, isRunning, path, queries]);
  const validation = own?.end ?? (query.data && withTold(query.data, own?.checks ?? []));
  return { validation, isRunning, error: query.error, refetch: query.refetch };
}

/** A stream begins with what was known before it, and after a lost connection tells some of it again. */
function withTold(read: Validation, told: Check[]): Validation {
  const key = (check: Check) => `${check.id}\n${check.group}\n${check.target}`;
  const all = new Map(read.checks.map((check) => [key(check), check]));
  for (const check of told) all.set(key(check), check);
  return { ...read, checks: [...all.values()] };
}

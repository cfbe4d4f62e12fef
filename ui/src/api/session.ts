import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouteContext } from '@tanstack/react-router';

import { ApiError, api, data, useCsrfToken, type Schemas } from './client';
import type { Scope } from './scope';

export type CurrentSession = Schemas['CurrentSession'];

/** Who is logged in; `null` for nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<CurrentSession | null> => {
    try {
      return remember(await data(api.GET('/api/v1beta0/session/')));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

function remember(session: CurrentSession): CurrentSession {
  useCsrfToken(session.csrfToken);
  return session;
}

/** Only on pages that are behind the login. The one the page was opened with, while the login is asked for anew. */
export function useSession(): CurrentSession {
  const opened = useRouteContext({ from: '/in', select: (context) => context.session });
  return useQuery(sessionQuery).data ?? opened;
}

export function useLogin() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (login: Schemas['Login']) =>
      remember(await data(api.POST('/api/v1beta0/session/', { body: login }))),
    onSuccess: (session) => queries.setQueryData(sessionQuery.queryKey, session),
  });
}

export function useLogout() {
  return useMutation({
    mutationFn: async () => {
      await api.DELETE('/api/v1beta0/session/');
    },
    // A page loaded anew, so that nothing of the session stays in memory.
    onSettled: () => window.location.assign('/login'),
  });
}

/** The scope to open after a login: the narrowest that is useful. */
export function firstScope(session: CurrentSession): Scope | undefined {
  const environment = session.environments[0];
  const account = session.accounts[0];
  if (session.isGlobalAdministrator && account) return { kind: 'account', id: account.id };
  if (session.isGlobalAdministrator) return { kind: 'global' };
  if (account) return { kind: 'account', id: account.id };
  return environment ? { kind: 'environment', id: environment.id } : undefined;
}

export function scopeName(session: CurrentSession, scope: Scope): string {
  if (scope.kind === 'global') return 'Scalr';
  const list: { id: number; name: string }[] =
    scope.kind === 'account' ? session.accounts : session.environments;
  return list.find((it) => it.id === scope.id)?.name ?? `${scope.kind} ${scope.id}`;
}

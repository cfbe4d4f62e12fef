import { queryOptions } from '@tanstack/react-query';

import { answer, api, data } from './client';
import { total } from './clouds';
import { accountId, at, type Scope, scopeSegment } from './scope';

/** The account one works in. */
export const accountQuery = (id: number) =>
  queryOptions({
    queryKey: ['accounts', `account-${id}`],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1beta0/account/{accountId}/', { params: { path: { accountId: id } }, signal })),
  });

/** How many there are of a noun that lists have at Scalr and at account scope. */
export const countOf = (scope: Scope, noun: 'users' | 'cloud-credentials') =>
  queryOptions({
    queryKey: [noun, scopeSegment(scope), 'count'],
    queryFn: async ({ signal }) => {
      const params = { path: { accountId: accountId(scope) }, query: { maxResults: 1 } };
      const path = { params, signal };
      return total(
        noun === 'users'
          ? await answer(api.GET(at(scope, '/api/v1beta0/account/{accountId}/users/'), path))
          : await answer(api.GET(at(scope, '/api/v1beta0/account/{accountId}/cloud-credentials/'), path)),
      );
    },
  });

export const accountCountQuery = queryOptions({
  queryKey: ['accounts', 'global', 'count'],
  queryFn: async ({ signal }) =>
    total(
      await answer(
        api.GET('/api/v1beta0/global/accounts/', { params: { query: { maxResults: 1 } }, signal }),
      ),
    ),
});

export const teamCountQuery = (id: number) =>
  queryOptions({
    queryKey: ['teams', `account-${id}`, 'count'],
    queryFn: async ({ signal }) =>
      total(
        await answer(
          api.GET('/api/v1beta0/account/{accountId}/teams/', {
            params: { path: { accountId: id }, query: { maxResults: 1 } },
            signal,
          }),
        ),
      ),
  });

/** How the installation is, and how old what it knows of each cloud is. */
export const installationQuery = queryOptions({
  queryKey: ['syncs', 'global', 'system'],
  queryFn: ({ signal }) => data(api.GET('/api/v1beta0/global/system/', { signal })),
});

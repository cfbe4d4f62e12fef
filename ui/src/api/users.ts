import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type User = Schemas['User'];
const USERS = '/api/v1beta0/account/{accountId}/users/';
const USER = '/api/v1beta0/account/{accountId}/users/{userId}/';

const of = (scope: Scope, userId: number) => ({ path: { accountId: accountId(scope), userId } });

export const usersQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['users', scopeSegment(scope)],
    queryFn: ({ signal }) =>
      every((query) =>
        answer(
          api.GET(at(scope, USERS), { params: { path: { accountId: accountId(scope) }, query }, signal }),
        ),
      ),
  });

export const userQuery = (scope: Scope, userId: number) =>
  queryOptions({
    queryKey: ['users', scopeSegment(scope), userId],
    queryFn: ({ signal }) => data(api.GET(at(scope, USER), { params: of(scope, userId), signal })),
  });

/** In the account, or in one of its environments. Users of the Scalr scope have no such list: they are administrators. */
export const permissionsOfQuery = (account: number, userId: number, environmentId: number | undefined) =>
  queryOptions({
    queryKey: ['users', `account-${account}`, 'permissions', userId, environmentId],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/users/{userId}/effective-permissions/', {
          params: { path: { accountId: account, userId }, query: { environmentId } as never },
          signal,
        }),
      ),
    // Teams, roles and environments decide it too, and tell of their changes under their own names.
    staleTime: 0,
  });

export const createUser = (scope: Scope, body: User) =>
  data(api.POST(at(scope, USERS), { params: { path: { accountId: accountId(scope) } }, body }));

export const updateUser = (scope: Scope, userId: number, body: User) =>
  data(api.PATCH(at(scope, USER), { params: of(scope, userId), body }));

export const deleteUser = (scope: Scope, userId: number) =>
  answer(api.DELETE(at(scope, USER), { params: of(scope, userId) }));

export const unlockUser = (scope: Scope, userId: number) =>
  answer(
    api.POST(at(scope, '/api/v1beta0/account/{accountId}/users/{userId}/actions/unlock/'), {
      params: of(scope, userId),
    }),
  );

export const sessionsOfQuery = (scope: Scope, userId: number) =>
  queryOptions({
    queryKey: ['sessions', scopeSegment(scope), userId],
    queryFn: ({ signal }) =>
      data(
        api.GET(at(scope, '/api/v1beta0/account/{accountId}/users/{userId}/sessions/'), {
          params: of(scope, userId),
          signal,
        }),
      ),
  });

export const endSessionOf = (scope: Scope, userId: number, sessionId: string) =>
  answer(
    api.DELETE(at(scope, '/api/v1beta0/account/{accountId}/users/{userId}/sessions/{sessionId}/'), {
      params: { path: { accountId: accountId(scope), userId, sessionId } },
    }),
  );

export const keysOfQuery = (scope: Scope, userId: number) =>
  queryOptions({
    queryKey: ['api-keys', scopeSegment(scope), userId],
    queryFn: ({ signal }) =>
      data(
        api.GET(at(scope, '/api/v1beta0/account/{accountId}/users/{userId}/api-keys/'), {
          params: of(scope, userId),
          signal,
        }),
      ),
  });

export const deleteKeyOf = (scope: Scope, userId: number, apiKeyId: string) =>
  answer(
    api.DELETE(at(scope, '/api/v1beta0/account/{accountId}/users/{userId}/api-keys/{apiKeyId}/'), {
      params: { path: { accountId: accountId(scope), userId, apiKeyId } },
    }),
  );

export const tokensOfQuery = (scope: Scope, userId: number) =>
  queryOptions({
    queryKey: ['tokens', scopeSegment(scope), userId],
    queryFn: ({ signal }) =>
      data(
        api.GET(at(scope, '/api/v1beta0/account/{accountId}/users/{userId}/tokens/'), {
          params: of(scope, userId),
          signal,
        }),
      ),
  });

export const deleteTokenOf = (scope: Scope, userId: number, tokenId: string) =>
  answer(
    api.DELETE(at(scope, '/api/v1beta0/account/{accountId}/users/{userId}/tokens/{tokenId}/'), {
      params: { path: { accountId: accountId(scope), userId, tokenId } },
    }),
  );

import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';

export const profileQuery = queryOptions({
  queryKey: ['users', 'profile'],
  queryFn: ({ signal }) => data(api.GET('/api/v1beta0/profile/', { signal })),
});

export const renameProfile = (name: string) => data(api.PATCH('/api/v1beta0/profile/', { body: { name } }));

export const changePassword = (body: Schemas['PasswordChange']) =>
  answer(api.POST('/api/v1beta0/profile/password/', { body }));

export const ownKeysQuery = queryOptions({
  queryKey: ['api-keys', 'profile'],
  queryFn: ({ signal }) => data(api.GET('/api/v1beta0/profile/api-keys/', { signal })),
});

export const createOwnKey = (body: Schemas['ApiKey']) =>
  data(api.POST('/api/v1beta0/profile/api-keys/', { body }));

export const deleteOwnKey = (apiKeyId: string) =>
  answer(api.DELETE('/api/v1beta0/profile/api-keys/{apiKeyId}/', { params: { path: { apiKeyId } } }));

export const ownTokensQuery = queryOptions({
  queryKey: ['tokens', 'profile'],
  queryFn: ({ signal }) => data(api.GET('/api/v1beta0/profile/tokens/', { signal })),
});

export const createOwnToken = (body: Schemas['Token']) =>
  data(api.POST('/api/v1beta0/profile/tokens/', { body }));

export const deleteOwnToken = (tokenId: string) =>
  answer(api.DELETE('/api/v1beta0/profile/tokens/{tokenId}/', { params: { path: { tokenId } } }));

export const ownSessionsQuery = queryOptions({
  queryKey: ['sessions', 'profile'],
  queryFn: ({ signal }) => data(api.GET('/api/v1beta0/profile/sessions/', { signal })),
});

export const endOwnSession = (sessionId: string) =>
  answer(api.DELETE('/api/v1beta0/profile/sessions/{sessionId}/', { params: { path: { sessionId } } }));

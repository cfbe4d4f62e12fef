import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type Account = Schemas['Account'];

export const allAccountsQuery = queryOptions({
  queryKey: ['accounts', 'all'],
  queryFn: ({ signal }) =>
    every((query) => answer(api.GET('/api/v1beta0/global/accounts/', { params: { query }, signal }))),
});

export const createAccount = (body: Account) => data(api.POST('/api/v1beta0/global/accounts/', { body }));

export const updateAccount = (id: number, body: Account) =>
  data(api.PATCH('/api/v1beta0/global/accounts/{id}/', { params: { path: { id: String(id) } }, body }));

export const deleteAccount = (id: number) =>
  answer(api.DELETE('/api/v1beta0/global/accounts/{id}/', { params: { path: { id: String(id) } } }));

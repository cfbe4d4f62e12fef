import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type RoleCategory = Schemas['RoleCategory'];

const CATEGORIES = '/api/v1beta0/account/{accountId}/role-categories/';
const CATEGORY = '/api/v1beta0/account/{accountId}/role-categories/{roleCategoryId}/';

const one = (scope: Scope, roleCategoryId: number) => ({
  path: { accountId: accountId(scope), roleCategoryId },
});

/** What roles are sorted by in a scope, also what was made higher up. */
export const roleCategoriesQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['role-categories', scopeSegment(scope)],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { accountId: accountId(scope) }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(at(scope, CATEGORIES), { params, signal }));
      }),
  });

export const createRoleCategory = (scope: Scope, name: string) =>
  data(
    api.POST(at(scope, CATEGORIES), { params: { path: { accountId: accountId(scope) } }, body: { name } }),
  );

export const updateRoleCategory = (scope: Scope, id: number, name: string) =>
  data(api.PATCH(at(scope, CATEGORY), { params: one(scope, id), body: { name } }));

export const deleteRoleCategory = (scope: Scope, id: number) =>
  answer(api.DELETE(at(scope, CATEGORY), { params: one(scope, id) }));

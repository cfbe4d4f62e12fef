import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type Project = Schemas['Project'];

const PROJECTS = '/api/v1beta0/account/{accountId}/projects/';
const PROJECT = '/api/v1beta0/account/{accountId}/projects/{projectId}/';

const one = (scope: Scope, projectId: string) => ({ path: { accountId: accountId(scope), projectId } });

/** Those that are visible in a scope, also what was made higher up. */
export const projectsQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['projects', scopeSegment(scope)],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { accountId: accountId(scope) }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(at(scope, PROJECTS), { params, signal }));
      }),
  });

export const createProject = (scope: Scope, body: Project) =>
  data(api.POST(at(scope, PROJECTS), { params: { path: { accountId: accountId(scope) } }, body }));

export const updateProject = (scope: Scope, id: string, body: Project) =>
  data(api.PATCH(at(scope, PROJECT), { params: one(scope, id), body }));

export const deleteProject = (scope: Scope, id: string) =>
  answer(api.DELETE(at(scope, PROJECT), { params: one(scope, id) }));

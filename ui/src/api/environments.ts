import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';

export type Environment = Schemas['Environment'];
type EnvironmentBody = Required<Pick<Environment, 'name' | 'status' | 'costCenter'>>;

const MAX_RESULTS = 100;

/** All environments of an account that one may see. `sort` as the server takes it. */
export type EnvironmentSort = 'id' | 'name' | '-id' | '-name';

export const environmentsQuery = (accountId: number, sort: EnvironmentSort = 'name') =>
  queryOptions({
    queryKey: ['environments', `account-${accountId}`, 'all', sort],
    queryFn: async ({ signal }) => {
      const found: Environment[] = [];
      for (let pageNum = 1; ; pageNum++) {
        const page = await answer(
          api.GET('/api/v1beta0/account/{accountId}/environments/', {
            params: { path: { accountId }, query: { maxResults: MAX_RESULTS, pageNum, sort } },
            signal,
          }),
        );
        found.push(...page.data);
        if (!page.pagination?.next) return found;
      }
    },
  });

export const environmentQuery = (accountId: number, envId: number) =>
  queryOptions({
    queryKey: ['environments', `account-${accountId}`, envId],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/environments/{envId}/', {
          params: { path: { accountId, envId } },
          signal,
        }),
      ),
  });

/** The environment one works in, as its members see it. */
export const ownEnvironmentQuery = (envId: number) =>
  queryOptions({
    queryKey: ['environments', `environment-${envId}`],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1beta0/user/{envId}/', { params: { path: { envId } }, signal })),
  });

/** The teams of an environment; each with the role it has there, where that is not the team's own. */
export const environmentTeamsQuery = (accountId: number, envId: number) =>
  queryOptions({
    queryKey: ['environment-teams', `account-${accountId}`, envId],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/environments/{envId}/teams/', {
          params: { path: { accountId, envId }, query: { maxResults: MAX_RESULTS } },
          signal,
        }),
      ),
  });

/** The roles teams of this account have where an environment says nothing else, and what roles are called. */
export const teamRolesQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['teams', `account-${accountId}`, 'roles'],
    queryFn: async ({ signal }) => {
      const params = { path: { accountId }, query: { maxResults: MAX_RESULTS } };
      const [teams, roles] = await Promise.all([
        data(api.GET('/api/v1beta0/account/{accountId}/teams/', { params, signal })),
        data(api.GET('/api/v1beta0/account/{accountId}/acl-roles/', { params, signal })),
      ]);
      return { teams, roles };
    },
  });

export function useCreateEnvironment(accountId: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (environment: EnvironmentBody) =>
      data(
        api.POST('/api/v1beta0/account/{accountId}/environments/', {
          params: { path: { accountId } },
          body: environment,
        }),
      ),
    onSuccess: () => readAnew(queries),
  });
}

export function useUpdateEnvironment(accountId: number, envId: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: EnvironmentBody) =>
      data(
        api.PATCH('/api/v1beta0/account/{accountId}/environments/{envId}/', {
          params: { path: { accountId, envId } },
          body: changes,
        }),
      ),
    onSuccess: () => readAnew(queries),
  });
}

export async function deleteEnvironment(accountId: number, envId: number) {
  await answer(
    api.DELETE('/api/v1beta0/account/{accountId}/environments/{envId}/', {
      params: { path: { accountId, envId } },
    }),
  );
}

/** Environments are named in the scope switcher, too. */
function readAnew(queries: ReturnType<typeof useQueryClient>) {
  return Promise.all(
    ['environments', 'session'].map((topic) => queries.invalidateQueries({ queryKey: [topic] })),
  );
}

/** Lets a team in; without a role of its own for this environment it has the team's. */
export function useGrantAccess(accountId: number, envId: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (grant: Schemas['EnvironmentTeam']) =>
      data(
        api.POST('/api/v1beta0/account/{accountId}/environments/{envId}/teams/', {
          params: { path: { accountId, envId } },
          body: grant,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['environment-teams'] }),
  });
}

export async function withholdAccess(accountId: number, envId: number, teamId: number) {
  await answer(
    api.DELETE('/api/v1beta0/account/{accountId}/environments/{envId}/teams/{teamId}/', {
      params: { path: { accountId, envId, teamId } },
    }),
  );
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';

export type Cloud = Schemas['Cloud'];
export type CloudLocation = Schemas['CloudLocation'];
export type Sync = Schemas['Sync'];

export function isVsphere(platform: string | null | undefined): boolean {
  return platform === 'vmware';
}

/** What the locations of a platform are called there. */
export function locationNoun(platform: string): 'region' | 'datacenter' {
  return isVsphere(platform) ? 'datacenter' : 'region';
}

/** The number of all rows of a list, also of those on other pages. */
export function total(envelope: { meta: Schemas['Meta']; data: unknown[] }): number {
  // The description of the API has no word for it yet.
  return (envelope.meta as { total?: number }).total ?? envelope.data.length;
}

const MAX_RESULTS = 100;

/** The clouds of an environment, as its members see them. */
export const cloudsQuery = (envId: number) =>
  queryOptions({
    queryKey: ['clouds', `environment-${envId}`],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/user/{envId}/clouds/', {
          params: { path: { envId }, query: { maxResults: MAX_RESULTS } },
          signal,
        }),
      ),
  });

/** The same, as their account's administrators see them. */
export const environmentCloudsQuery = (accountId: number, envId: number) =>
  queryOptions({
    queryKey: ['clouds', `account-${accountId}`, envId],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/environments/{envId}/clouds/', {
          params: { path: { accountId, envId }, query: { maxResults: MAX_RESULTS } },
          signal,
        }),
      ),
  });

/** Regions or datacenters. A synchronisation may find new ones. */
export const locationsQuery = (envId: number, cloudPlatform: string) =>
  queryOptions({
    queryKey: ['inventory', `environment-${envId}`, cloudPlatform, 'locations'],
    queryFn: async ({ signal }) => {
      const found: CloudLocation[] = [];
      for (let pageNum = 1; ; pageNum++) {
        const page = await answer(
          api.GET('/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/', {
            params: { path: { envId, cloudPlatform }, query: { maxResults: MAX_RESULTS, pageNum } },
            signal,
          }),
        );
        found.push(...page.data);
        if (!page.pagination?.next) return found;
      }
    },
  });

/** How much there is of a noun in a location, and how fresh that is. */
export const countQuery = (
  envId: number,
  cloudPlatform: string,
  cloudLocation: string,
  noun: 'machines' | 'instance-types',
) =>
  queryOptions({
    queryKey: ['inventory', `environment-${envId}`, cloudPlatform, cloudLocation, noun, 'count'],
    queryFn: async ({ signal }) => {
      const params = { path: { envId, cloudPlatform, cloudLocation }, query: { maxResults: 1 } };
      const envelope =
        noun === 'machines'
          ? await answer(
              api.GET(
                '/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/machines/',
                { params, signal },
              ),
            )
          : await answer(
              api.GET(
                '/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/instance-types/',
                { params, signal },
              ),
            );
      return { total: total(envelope), freshness: envelope.meta.freshness ?? undefined };
    },
  });

/** The last synchronisations, newest first. */
export const syncsQuery = (envId: number, cloudPlatform: string, maxResults = 10) =>
  queryOptions({
    queryKey: ['syncs', `environment-${envId}`, cloudPlatform, maxResults],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/syncs/', {
          params: { path: { envId, cloudPlatform }, query: { maxResults } },
          signal,
        }),
      ),
  });

/** Reads a cloud now; the answer is the synchronisation that has begun. */
export function useSync(envId: number, cloudPlatform: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      data(
        api.POST('/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/actions/sync/', {
          params: { path: { envId, cloudPlatform } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['syncs', `environment-${envId}`] }),
  });
}

/** Links credentials, in place of those that were linked before. The envelope has a warning where they are disabled. */
export function useLink(accountId: number, envId: number, cloud: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (credentialsId: string) =>
      answer(
        api.POST('/api/v1beta0/account/{accountId}/environments/{envId}/clouds/{cloud}/', {
          params: { path: { accountId, envId, cloud } },
          body: { id: credentialsId },
        }),
      ),
    onSuccess: () => readLinksAnew(queries),
  });
}

export function useUnlink(accountId: number, envId: number, cloud: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.DELETE('/api/v1beta0/account/{accountId}/environments/{envId}/clouds/{cloud}/', {
          params: { path: { accountId, envId, cloud } },
        }),
      ),
    onSuccess: () => readLinksAnew(queries),
  });
}

/** A link is seen from the environment, from the credentials, and by what it makes available. */
function readLinksAnew(queries: ReturnType<typeof useQueryClient>) {
  return Promise.all(
    ['clouds', 'cloud-credentials', 'inventory', 'syncs'].map((topic) =>
      queries.invalidateQueries({ queryKey: [topic] }),
    ),
  );
}

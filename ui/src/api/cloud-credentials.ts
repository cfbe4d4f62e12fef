import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, data, type Schemas, type Validation } from './client';
import type { operations } from './schema';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type CloudCredentials = Schemas['CloudCredentials'];
export type CredentialSummary = Schemas['CloudCredentialsSummary'];
export type OpenstackCredentials = Schemas['OpenstackCloudCredentials'];
export type VmwareCredentials = Schemas['VmwareCloudCredentials'];
export type Region = Schemas['Region'];
export type RegionService = Schemas['RegionService'];
export type VcenterDetails = Schemas['VcenterDetails'];
export type PortCheck = Schemas['PortCheck'];
export type CredentialSort = NonNullable<
  NonNullable<operations['get_account_accountId_cloud-credentials']['parameters']['query']>['sort']
>;

const TOPIC = 'cloud-credentials';
const PATH = '/api/v1beta0/account/{accountId}/cloud-credentials/';
const ONE = '/api/v1beta0/account/{accountId}/cloud-credentials/{cloudCredentialsId}/';
/** RFC 7240 §4.1: the answer is the run that was started, not its end. */
const ASYNC = { Prefer: 'respond-async' } as const;
const MAX_RESULTS = 100;

export type CredentialFilter = { provider?: string; status?: string; sort?: CredentialSort };

/** All that are visible in a scope, those of the Scalr scope too. They are few, so all pages are read. */
export const credentialsQuery = (scope: Scope, filter: CredentialFilter = {}) =>
  queryOptions({
    queryKey: [TOPIC, scopeSegment(scope), 'list', filter],
    queryFn: async ({ signal }) => {
      const rows: CredentialSummary[] = [];
      for (let pageNum = 1; ; pageNum++) {
        const page = await answer(
          api.GET(at(scope, PATH), {
            params: {
              path: { accountId: accountId(scope) },
              query: { ...filter, maxResults: MAX_RESULTS, pageNum },
            },
            signal,
          }),
        );
        rows.push(...page.data);
        if (!page.pagination?.next) return rows;
      }
    },
    placeholderData: keepPreviousData,
  });

export const credentialQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: [TOPIC, scopeSegment(scope), id],
    queryFn: ({ signal }) => data(api.GET(at(scope, ONE), { ...one(scope, id), signal })),
  });

/** The reports of saved credentials, newest first. */
export const historyQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: [TOPIC, scopeSegment(scope), id, 'validations'],
    queryFn: ({ signal }) => data(api.GET(at(scope, `${ONE}validations/`), { ...one(scope, id), signal })),
  });

/** Every address of the cloud. Asks the cloud itself, so it may take a while. */
export const catalogQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: [TOPIC, scopeSegment(scope), id, 'catalog'],
    queryFn: ({ signal }) => data(api.GET(at(scope, `${ONE}catalog/`), { ...one(scope, id), signal })),
    staleTime: 60_000,
  });

/** Starts a run that saves when the cloud accepts the input. Follow it by `useValidation`. */
export function useCreateCredential(scope: Scope) {
  return useSaved(async (body: CloudCredentials) =>
    run(
      await data<CloudCredentials | Validation>(
        api.POST(at(scope, PATH), {
          params: { path: { accountId: accountId(scope) }, header: ASYNC },
          body,
        }),
      ),
    ),
  );
}

/** Saves without asking the cloud; the credentials stay disabled. */
export function useCreateUnchecked(scope: Scope) {
  return useSaved(async (body: CloudCredentials) =>
    saved(
      await data<CloudCredentials | Validation>(
        api.POST(at(scope, PATH), {
          params: { path: { accountId: accountId(scope) }, query: { validate: 'false' } },
          body,
        }),
      ),
    ),
  );
}

/** Starts a run that saves nothing. */
export function useCheckUnsaved(scope: Scope) {
  return useMutation({
    gcTime: 0,
    mutationFn: (body: CloudCredentials) =>
      data(
        api.POST(at(scope, `${PATH}actions/validate/`), {
          params: { path: { accountId: accountId(scope) }, header: ASYNC },
          body,
        }),
      ),
  });
}

/** Tries the ports of a cloud without a login; the answer is a report that nobody keeps. */
export function usePortCheck(scope: Scope) {
  return useMutation({
    mutationFn: (body: PortCheck) =>
      data(
        api.POST(at(scope, `${PATH}actions/check-ports/`), {
          params: { path: { accountId: accountId(scope) } },
          body,
        }),
      ),
  });
}

/**
 * Saves a change. Where the cloud has to be asked the answer is a run (`isRun`), which saves at its end; otherwise the
 * credentials as they are now.
 */
export function useUpdateCredential(scope: Scope, id: string) {
  return useSaved(({ body, validate }: { body: CloudCredentials; validate?: boolean }) =>
    data<CloudCredentials | Validation>(
      api.PATCH(at(scope, ONE), {
        params: {
          path: one(scope, id).params.path,
          query: validate === undefined ? {} : { validate: String(validate) },
          header: ASYNC,
        },
        body,
      }),
    ),
  );
}

/** Starts the checks of saved credentials. */
export function useValidateCredential(scope: Scope, id: string) {
  return useSaved(() =>
    data(
      api.POST(at(scope, `${ONE}actions/validate/`), {
        params: { ...one(scope, id).params, header: ASYNC },
      }),
    ),
  );
}

export function useClearCache(scope: Scope, id: string) {
  return useSaved(() => data(api.POST(at(scope, `${ONE}actions/clear-cache/`), one(scope, id))));
}

export function useDeleteCredential(scope: Scope, id: string) {
  return useSaved(() => answer(api.DELETE(at(scope, ONE), one(scope, id))));
}

export function isRun(answered: CloudCredentials | Validation): answered is Validation {
  return 'checks' in answered;
}

/** With `Prefer` a run is answered, without it what was saved; the description of the API knows only both. */
function run(answered: CloudCredentials | Validation): Validation {
  if (!isRun(answered)) throw new Error('The server saved without telling of its checks.');
  return answered;
}

function saved(answered: CloudCredentials | Validation): CloudCredentials {
  if (isRun(answered)) throw new Error('The server checks what was to be saved without.');
  return answered;
}

/** What the last good validation saw of each region; empty for vSphere. */
export function regionsOf({ cloudDetails }: CloudCredentials): Region[] {
  return cloudDetails && 'regions' in cloudDetails ? cloudDetails.regions : [];
}

/** What the last good validation saw of each vCenter; empty for OpenStack. */
export function vcentersOf({ cloudDetails }: CloudCredentials): VcenterDetails[] {
  return cloudDetails && 'vCenters' in cloudDetails ? cloudDetails.vCenters : [];
}

const one = (scope: Scope, id: string) => ({
  params: { path: { accountId: accountId(scope), cloudCredentialsId: id } },
});

/** `gcTime`: what was sent may hold a secret, so nothing keeps it. */
function useSaved<V, T>(mutationFn: (variables: V) => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({
    gcTime: 0,
    mutationFn,
    onSuccess: () => queries.invalidateQueries({ queryKey: [TOPIC] }),
  });
}

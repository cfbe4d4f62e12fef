import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { answer, api, ApiError, data, type Schemas } from './client';
import { total } from './clouds';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type AuditEntry = Schemas['AuditEntry'];
export type AuditVerification = Schemas['AuditVerification'];
/** Each is compared exactly. `since` is included, `until` is not. */
export type AuditFilter = Partial<
  Record<'actorName' | 'action' | 'objectType' | 'objectId' | 'requestId' | 'since' | 'until', string>
>;

export const ROWS_OF_A_PAGE = 100;
const AUDIT = '/api/v1beta0/account/{accountId}/audit/';

/** One page, newest first. */
export const auditQuery = (scope: Scope, filter: AuditFilter, pageNum: number) =>
  queryOptions({
    queryKey: ['audit', scopeSegment(scope), filter, pageNum],
    queryFn: async ({ signal }) => {
      const envelope = await read(scope, { ...filter, maxResults: ROWS_OF_A_PAGE, pageNum }, signal);
      return { rows: envelope.data, total: total(envelope) };
    },
    placeholderData: keepPreviousData,
  });

/**
 * One row. It has no address in the API, but rows are counted without gaps, so its place among all is known; while
 * rows are added, or where some were removed, it is found from where it was looked for first.
 */
export const auditEntryQuery = (scope: Scope, seq: number) =>
  queryOptions({
    queryKey: ['audit', scopeSegment(scope), 'row', seq],
    queryFn: async ({ signal }) => {
      let place = 1;
      for (let n = 0; n < 4 && place >= 1; n++) {
        const [row] = (await read(scope, { maxResults: 1, pageNum: place }, signal)).data;
        if (row?.seq === seq) return row;
        place = row ? place + row.seq - seq : 0;
      }
      throw new ApiError(
        404,
        'ObjectNotFound',
        `Row ${seq} is not in the log.`,
        undefined,
        undefined,
        undefined,
      );
    },
    staleTime: Infinity,
  });

function read(
  scope: Scope,
  query: AuditFilter & { maxResults: number; pageNum: number },
  signal: AbortSignal,
) {
  return answer(
    api.GET(at(scope, AUDIT), { params: { path: { accountId: accountId(scope) }, query }, signal }),
  );
}

/** Of the account; at Scalr scope of the installation and of every account. */
export async function verifyAudit(scope: Scope): Promise<AuditVerification[]> {
  if (scope.kind === 'global')
    return data(api.POST('/api/v1beta0/global/audit/actions/verify/', { params: { query: {} } }));
  const path = { accountId: accountId(scope) };
  return [
    await data(api.POST('/api/v1beta0/account/{accountId}/audit/actions/verify/', { params: { path } })),
  ];
}

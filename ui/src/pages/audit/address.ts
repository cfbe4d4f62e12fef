import { useNavigate, useSearch } from '@tanstack/react-router';

import type { AuditFilter } from '../../api/audit';

const FROM = '/in/$scope/audit';
export type AuditSearch = ReturnType<typeof useAuditSearch>;

/** What the page's address says of the filter, the page and the open row. */
export function useAuditSearch() {
  return useSearch({ from: FROM });
}

/** Changes a part of the address. */
export function useShow() {
  const navigate = useNavigate();
  return (next: Partial<AuditSearch>, how: { replace?: boolean } = {}) =>
    void navigate({ to: '.', search: (old) => ({ ...old, ...next }), resetScroll: false, ...how });
}

export function filterOf(search: AuditSearch): AuditFilter {
  const { actor, action, type, object, request, from, to } = search;
  const named = {
    actorName: actor,
    action,
    objectType: type,
    objectId: object,
    requestId: request,
    since: from,
    until: to,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value));
}

/** Everything that filters, taken away. */
export const NO_FILTER = {
  actor: undefined,
  action: undefined,
  type: undefined,
  object: undefined,
  request: undefined,
  from: undefined,
  to: undefined,
  page: undefined,
} satisfies Partial<AuditSearch>;

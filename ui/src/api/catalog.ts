import { queryOptions } from '@tanstack/react-query';

import { answer, api, type Schemas } from './client';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type CatalogEntry = Schemas['CatalogEntry'];

const PATH = '/api/v1beta0/account/{accountId}/cloud-credentials/{cloudCredentialsId}/catalog/';
const MAX_RESULTS = 100;

/**
 * Every address of a cloud. It is asked of the cloud itself, so it is kept under a key of its own: no change of ours
 * is a reason to ask again.
 */
export const wholeCatalogQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: ['catalog', scopeSegment(scope), id],
    queryFn: async ({ signal }) => {
      const found: CatalogEntry[] = [];
      for (let pageNum = 1; ; pageNum++) {
        const page = await answer(
          api.GET(at(scope, PATH), {
            params: {
              path: { accountId: accountId(scope), cloudCredentialsId: id },
              query: { maxResults: MAX_RESULTS, pageNum },
            },
            signal,
          }),
        );
        found.push(...page.data);
        if (!page.pagination?.next) return found;
      }
    },
    staleTime: 60_000,
  });

export type Rule = { host: string; port: number; services: string[] };

/** What a firewall has to let through, from the control plane to the cloud; each host and port once. */
export function firewallRules(entries: CatalogEntry[]): Rule[] {
  const rules = new Map<string, Rule>();
  for (const { host, port, service, isUsed } of entries) {
    if (!isUsed) continue;
    const rule = rules.get(`${host}:${port}`) ?? { host, port, services: [] };
    if (!rule.services.includes(service)) rule.services.push(service);
    rules.set(`${host}:${port}`, rule);
  }
  return [...rules.values()].toSorted((a, b) => a.host.localeCompare(b.host) || a.port - b.port);
}

import { useParams } from '@tanstack/react-router';

import type { paths } from './schema';

/** Where a page works: the whole installation, one account, or one environment. */
export type Scope =
  { kind: 'global' } | { kind: 'account'; id: number } | { kind: 'environment'; id: number };
export type ScopeKind = Scope['kind'];

/** The scope as the first segment of a page's address: `global`, `account-1`, `environment-2`. */
export function scopeSegment(scope: Scope): string {
  return scope.kind === 'global' ? 'global' : `${scope.kind}-${scope.id}`;
}

export function parseScope(segment: string): Scope | undefined {
  if (segment === 'global') return { kind: 'global' };
  const match = /^(account|environment)-([1-9]\d{0,15})$/.exec(segment);
  return match ? { kind: match[1] as 'account' | 'environment', id: Number(match[2]) } : undefined;
}

/** The scope of the page that is open. Only below the route that has checked it. */
export function useScope(): Scope {
  const { scope } = useParams({ from: '/in/$scope' });
  return parseScope(scope) ?? { kind: 'global' };
}

const ACCOUNT = '/api/v1beta0/account/{accountId}';
type AccountPath = Extract<keyof paths, `${typeof ACCOUNT}/${string}`>;

/** A path of the account scope, in the scope at hand: the other scopes have routes of the same name and shape. */
export function at<P extends AccountPath>(scope: Scope, path: P): P {
  const base =
    scope.kind === 'global'
      ? '/api/v1beta0/global'
      : scope.kind === 'account'
        ? ACCOUNT
        : `/api/v1beta0/user/${scope.id}`;
  return path.replace(ACCOUNT, base) as P;
}

/** The `accountId` of paths made by `at`. */
export function accountId(scope: Scope): number {
  return scope.kind === 'account' ? scope.id : 0;
}

/** The `envId` of paths; 0 where the page is not of an environment. */
export function environmentId(scope: Scope): number {
  return scope.kind === 'environment' ? scope.id : 0;
}

import { useQueries, useQuery } from '@tanstack/react-query';

import { cloudsQuery, locationsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { osQuery } from '../../api/os';
import { environmentId, type Scope, type ScopeKind } from '../../api/scope';

type Place = { cloudPlatform?: string | null; cloudLocation?: string | null };

/** What belongs to a scope is changed there; what was made higher up is only seen. */
export function isOwn(scope: Scope, owner: string | null | undefined): boolean {
  return owner === (scope.kind === 'global' ? 'scalr' : scope.kind);
}

export const SCOPES: { value: string; label: string; kind: ScopeKind }[] = [
  { value: 'scalr', label: 'Scalr', kind: 'global' },
  { value: 'account', label: 'account', kind: 'account' },
  { value: 'environment', label: 'environment', kind: 'environment' },
];

/** The scope of a role or image, as people call it. */
export function scopeLabel(owner: string | null | undefined): string {
  return SCOPES.find((it) => it.value === owner)?.label ?? owner ?? '–';
}

export function useOsName(scope: Scope): (id: string | null | undefined) => string {
  const { data } = useQuery(osQuery(scope));
  return (id) => data?.find((it) => it.id === id)?.name ?? id ?? '–';
}

/** Names of regions and datacenters: known in environments, for the clouds they are linked to. Others show their id. */
export function useLocationName(scope: Scope): (place: Place) => string {
  const envId = environmentId(scope);
  const clouds = useQuery({ ...cloudsQuery(envId), enabled: envId > 0 });
  const lists = useQueries({ queries: (clouds.data ?? []).map((it) => locationsQuery(envId, it.cloud)) });
  const known = lists.flatMap((it) => it.data ?? []);
  return ({ cloudPlatform, cloudLocation }) =>
    known.find((it) => it.cloudPlatform === cloudPlatform && it.cloudLocation === cloudLocation)?.name ??
    cloudLocation ??
    '–';
}

/** `OpenStack, RegionOne`. */
export function usePlaceName(scope: Scope): (place: Place) => string {
  const locationName = useLocationName(scope);
  return (place) => `${cloudName(place.cloudPlatform ?? '')}, ${locationName(place)}`;
}

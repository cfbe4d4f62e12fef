import { Spotlight, createSpotlight, type SpotlightActionData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useState } from 'react';

import { api, data, type Schemas } from '../api/client';
import { accountId, at, type Scope, type ScopeKind, scopeSegment } from '../api/scope';
import { scopeName, useSession } from '../api/session';
import { NOUNS } from './nouns';

/** Nouns whose page of one thing is named as in the API. A farm role's leads to where it is in its farm. */
const PAGES = [
  'environments',
  'users',
  'teams',
  'acl-roles',
  'roles',
  'images',
  'farms',
  'farm-roles',
  'servers',
];
const PLACEHOLDER: Record<ScopeKind, string> = {
  global: 'Accounts, credentials, users, roles, pages',
  account: 'Environments, credentials, users, roles, pages',
  environment: 'Farms, servers, roles, machines, pages',
};
const [store, spotlight] = createSpotlight();
export const openPalette = spotlight.open;

/** Ctrl-K: pages, scopes, and any object by a part of its name, address or id. */
export function Palette({ scope }: { scope: Scope }) {
  const session = useSession();
  const navigate = useNavigate();
  const router = useRouter();
  const [query, setQuery] = useState('');
  const [asked] = useDebouncedValue(query.trim(), 200);
  const segment = scopeSegment(scope);
  const { data: hits, isFetching } = useQuery({
    queryKey: ['search', segment, asked],
    queryFn: ({ signal }) =>
      data(
        api.GET(at(scope, '/api/v1beta0/account/{accountId}/search/'), {
          params: { path: { accountId: accountId(scope) }, query: { q: asked } },
          signal,
        }),
      ),
    enabled: asked.length >= 2,
    placeholderData: keepPreviousData,
  });
  const wanted = (text: string) => text.toLowerCase().includes(query.trim().toLowerCase());
  const scopes: Scope[] = [
    ...(session.isGlobalAdministrator ? [{ kind: 'global' } as const] : []),
    ...session.accounts.map((it) => ({ kind: 'account', id: it.id }) as const),
    ...session.environments.map((it) => ({ kind: 'environment', id: it.id }) as const),
  ];
  const pages: SpotlightActionData[] = NOUNS.filter(
    (it) => (it.scopes as readonly string[]).includes(scope.kind) && wanted(it.label),
  ).map((it) => ({
    id: it.to,
    label: it.label,
    leftSection: <it.icon size={18} aria-hidden />,
    onClick: () => void navigate({ to: it.to, params: { scope: segment } }),
  }));
  const places: SpotlightActionData[] = scopes
    .map((it) => ({ it, name: scopeName(session, it) }))
    .filter(({ name }) => query && wanted(name))
    .slice(0, 6)
    .map(({ it, name }) => ({
      id: `scope:${scopeSegment(it)}`,
      label: `Go to ${it.kind === 'global' ? 'the Scalr scope' : `${it.kind} ${name}`}`,
      onClick: () => void navigate({ to: '/$scope', params: { scope: scopeSegment(it) } }),
    }));
  const found: SpotlightActionData[] = (asked.length >= 2 ? (hits ?? []) : []).map((hit) => ({
    id: hit.path,
    label: hit.name,
    description: `${hit.type} · ${hit.detail}`,
    onClick: () => {
      const href = pageOf(hit, scope);
      if (href) void router.navigate({ href });
    },
  }));
  return (
    <Spotlight
      store={store}
      shortcut={['mod + K']}
      query={query}
      onQueryChange={setQuery}
      filter={(_, actions) => actions}
      actions={[
        { group: 'Found', actions: found },
        { group: 'Scopes', actions: places },
        { group: 'Pages', actions: pages },
      ].filter((it) => it.actions.length > 0)}
      nothingFound={isFetching ? 'Searching' : 'Nothing has this in its name, address or id'}
      scrollable
      attributes={{ content: { 'aria-label': 'Find anything' } }}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: PLACEHOLDER[scope.kind],
        'aria-label': 'Find anything',
      }}
    />
  );
}

/** The page that shows an object, from its path in the API. */
function pageOf(hit: Schemas['Hit'], scope: Scope): string | undefined {
  const below = /^\/api\/v1beta0\/(?:global|(account|user)\/(\d+))\/(.*?)\/?$/.exec(hit.path);
  if (!below) return undefined;
  const [, kind, id, rest = ''] = below;
  const segment = kind === 'account' ? `account-${id}` : kind === 'user' ? `environment-${id}` : 'global';
  const parts = rest.split('/');
  if (hit.type === 'cloud-credentials') return `/${segment}/credentials/${parts[1]}`;
  const located = /^clouds\/([^/]+)\/cloud-locations\/([^/]+)\/([^/]+)\/(.+)$/.exec(rest);
  if (located) {
    const [, cloud, location, noun, thing = ''] = located;
    return `/${segment}/inventory/${cloud}/${location}/${noun}?id=${thing}`;
  }
  if (parts[0] === 'accounts') return `/account-${parts[1]}`;
  if (PAGES.includes(parts[0] ?? '')) return `/${segment}/${parts[0]}/${parts[1]}`;
  return `/${scopeSegment(scope)}`;
}

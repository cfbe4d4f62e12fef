import type { QueryClient } from '@tanstack/react-query';
import {
  type AsyncRouteComponent,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router';

import { farmRoleQuery } from './api/farms';
import { environmentId, parseScope, scopeSegment } from './api/scope';
import { firstScope, sessionQuery } from './api/session';
import { Frame } from './frame/Frame';
import { NothingHere, PageFailed } from './frame/Failures';
import { Inside } from './frame/SessionEnded';

/** What a page's address may say after the `?`. Everything is text, so that links can be written by hand. */
export type ListSearch = { q?: string; sort?: string; page?: number };

/** The router reads numbers and truths out of an address; what it read stays unless it is replaced. */
function word(value: unknown): string | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

function listSearch(search: Record<string, unknown>): ListSearch {
  const page = Number(search.page);
  return {
    q: word(search.q) || undefined,
    sort: word(search.sort) || undefined,
    page: Number.isSafeInteger(page) && page > 1 ? page : undefined,
  };
}

function texts<K extends string>(...names: K[]) {
  return (search: Record<string, unknown>): Partial<Record<K, string>> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = word(search[name]);
        return value === undefined ? [] : [[name, value]];
      }),
    ) as Partial<Record<K, string>>;
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NothingHere,
  errorComponent: PageFailed,
});

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: texts('from'),
  component: lazyRouteComponent(() => import('./pages/login/LoginPage'), 'LoginPage'),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: '/in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/login', search: { from: location.href } });
    return { session };
  },
  component: Inside,
});

const start = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: ({ context }) => {
    const scope = firstScope(context.session);
    throw scope
      ? redirect({ to: '/$scope', params: { scope: scopeSegment(scope) } })
      : redirect({ to: '/profile' });
  },
});

const profile = createRoute({
  getParentRoute: () => inside,
  path: '/profile',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('./pages/profile/ProfilePage'), 'ProfilePage'),
});

const scoped = createRoute({
  getParentRoute: () => inside,
  path: '/$scope',
  beforeLoad: ({ params }) => {
    if (!parseScope(params.scope)) throw notFound();
  },
  component: Frame,
});

const page = <const P extends string>(path: P) => ({ getParentRoute: () => scoped, path });

const overview = createRoute({
  ...page('/'),
  component: lazyRouteComponent(() => import('./pages/overview/OverviewPage'), 'OverviewPage'),
});
const credentials = createRoute({
  ...page('/credentials'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...listSearch(search),
    ...texts('cloud', 'status')(search),
  }),
  component: lazyRouteComponent(() => import('./pages/credentials/CredentialsPage'), 'CredentialsPage'),
});
const newCredential = createRoute({
  ...page('/credentials/new'),
  validateSearch: texts('cloud', 'validation', 'link'),
  component: lazyRouteComponent(() => import('./pages/credentials/NewCredentialPage'), 'NewCredentialPage'),
});
const credential = createRoute({
  ...page('/credentials/$credentialId'),
  validateSearch: texts('tab', 'region', 'validation'),
  component: lazyRouteComponent(() => import('./pages/credentials/CredentialPage'), 'CredentialPage'),
});
const environments = createRoute({
  ...page('/environments'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/environments/EnvironmentsPage'), 'EnvironmentsPage'),
});
const environment = createRoute({
  ...page('/environments/$envId'),
  validateSearch: texts('tab', 'pick'),
  component: lazyRouteComponent(() => import('./pages/environments/EnvironmentPage'), 'EnvironmentPage'),
});
const clouds = createRoute({
  ...page('/clouds'),
  component: lazyRouteComponent(() => import('./pages/clouds/CloudsPage'), 'CloudsPage'),
});
const inventory = createRoute({
  ...page('/inventory'),
  component: lazyRouteComponent(() => import('./pages/inventory/InventoryStart'), 'InventoryStart'),
});
const inventoryNoun = createRoute({
  ...page('/inventory/$cloud/$location/$noun'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...listSearch(search),
    ...texts('columns', 'power', 'status', 'address', 'parent', 'id')(search),
    ...texts('machine', 'since', 'until', 'state', 'host', 'log', 'line', 'datastore', 'folder')(search),
  }),
  component: lazyRouteComponent(() => import('./pages/inventory/InventoryPage'), 'InventoryPage'),
});
const farms = createRoute({
  ...page('/farms'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/farms/FarmsPage'), 'FarmsPage'),
});
const farm = createRoute({
  ...page('/farms/$farmId'),
  component: lazyRouteComponent(() => import('./pages/farms/FarmPage'), 'FarmPage'),
});
const newFarmRole = createRoute({
  ...page('/farms/$farmId/farm-roles/new'),
  component: lazyRouteComponent(() => import('./pages/farms/FarmRolePage'), 'NewFarmRolePage'),
});
/** Searches know a farm role without its farm. */
const anyFarmRole = createRoute({
  ...page('/farm-roles/$farmRoleId'),
  beforeLoad: async ({ context, params }) => {
    const scope = parseScope(params.scope);
    const farmRole = farmRoleQuery(environmentId(scope ?? { kind: 'global' }), Number(params.farmRoleId));
    const { farm } = await context.queries.fetchQuery(farmRole);
    throw redirect({
      to: '/$scope/farms/$farmId',
      params: { scope: params.scope, farmId: String(farm?.id) },
      replace: true,
    });
  },
});
const farmRole = createRoute({
  ...page('/farms/$farmId/farm-roles/$farmRoleId'),
  component: lazyRouteComponent(() => import('./pages/farms/FarmRolePage'), 'FarmRolePage'),
});
const servers = createRoute({
  ...page('/servers'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...listSearch(search),
    ...texts('status', 'farm', 'cloud', 'failed')(search),
  }),
  component: lazyRouteComponent(() => import('./pages/servers/ServersPage'), 'ServersPage'),
});
const server = createRoute({
  ...page('/servers/$serverId'),
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('./pages/servers/ServerPage'), 'ServerPage'),
});
const volumes = createRoute({
  ...page('/volumes'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/volumes/VolumesPage'), 'VolumesPage'),
});
const volume = createRoute({
  ...page('/volumes/$volumeId'),
  component: lazyRouteComponent(() => import('./pages/volumes/VolumePage'), 'VolumePage'),
});
const networks = createRoute({
  ...page('/networks'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/networks/NetworksPage'), 'NetworksPage'),
});
const securityGroups = createRoute({
  ...page('/security-groups'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/networks/SecurityGroupsPage'), 'SecurityGroupsPage'),
});
const floatingIps = createRoute({
  ...page('/floating-ips'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/networks/FloatingIpsPage'), 'FloatingIpsPage'),
});
const network = createRoute({
  ...page('/networks/$networkId'),
  component: lazyRouteComponent(() => import('./pages/networks/NetworkPage'), 'NetworkPage'),
});
const roles = createRoute({
  ...page('/roles'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...listSearch(search),
    ...texts('os', 'category', 'of')(search),
  }),
  component: lazyRouteComponent(() => import('./pages/roles/RolesPage'), 'RolesPage'),
});
const roleCategories = createRoute({
  ...page('/roles/categories'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/roles/CategoriesPage'), 'CategoriesPage'),
});
const role = createRoute({
  ...page('/roles/$roleId'),
  component: lazyRouteComponent(() => import('./pages/roles/RolePage'), 'RolePage'),
});
const images = createRoute({
  ...page('/images'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...listSearch(search),
    ...texts('cloud', 'location', 'os', 'of')(search),
  }),
  component: lazyRouteComponent(() => import('./pages/images/ImagesPage'), 'ImagesPage'),
});
const newImage = createRoute({
  ...page('/images/new'),
  validateSearch: texts('cloud', 'location', 'image', 'os'),
  component: lazyRouteComponent(() => import('./pages/images/NewImagePage'), 'NewImagePage'),
});
const image = createRoute({
  ...page('/images/$imageId'),
  component: lazyRouteComponent(() => import('./pages/images/ImagePage'), 'ImagePage'),
});
const projects = createRoute({
  ...page('/projects'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/projects/ProjectsPage'), 'ProjectsPage'),
});
const costCenters = createRoute({
  ...page('/cost-centers'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/cost-centers/CostCentersPage'), 'CostCentersPage'),
});
const accounts = createRoute({
  ...page('/accounts'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/accounts/AccountsPage'), 'AccountsPage'),
});
const users = createRoute({
  ...page('/users'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/users/UsersPage'), 'UsersPage'),
});
const user = createRoute({
  ...page('/users/$userId'),
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('./pages/users/UserPage'), 'UserPage'),
});
const teams = createRoute({
  ...page('/teams'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/teams/TeamsPage'), 'TeamsPage'),
});
const team = createRoute({
  ...page('/teams/$teamId'),
  component: lazyRouteComponent(() => import('./pages/teams/TeamPage'), 'TeamPage'),
});
const aclRoles = createRoute({
  ...page('/acl-roles'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/acl-roles/AclRolesPage'), 'AclRolesPage'),
});
const aclRole = createRoute({
  ...page('/acl-roles/$aclRoleId'),
  component: lazyRouteComponent(() => import('./pages/acl-roles/AclRolePage'), 'AclRolePage'),
});
const audit = createRoute({
  ...page('/audit'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...listSearch(search),
    ...texts('actor', 'action', 'type', 'object', 'request', 'from', 'to', 'row')(search),
  }),
  component: lazyRouteComponent(() => import('./pages/audit/AuditPage'), 'AuditPage'),
});
const instanceSizes = createRoute({
  ...page('/instance-sizes'),
  validateSearch: listSearch,
  component: lazyRouteComponent(
    () => import('./pages/instance-sizes/InstanceSizesPage'),
    'InstanceSizesPage',
  ),
});
const system = createRoute({
  ...page('/system'),
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('./pages/system/SystemPage'), 'SystemPage'),
});

const tree = root.addChildren([
  login,
  inside.addChildren([
    start,
    profile,
    scoped.addChildren([
      overview,
      credentials,
      newCredential,
      credential,
      environments,
      environment,
      farms,
      farm,
      newFarmRole,
      anyFarmRole,
      farmRole,
      servers,
      server,
      volumes,
      volume,
      networks,
      network,
      securityGroups,
      floatingIps,
      roles,
      roleCategories,
      role,
      images,
      newImage,
      image,
      clouds,
      inventory,
      inventoryNoun,
      projects,
      costCenters,
      accounts,
      users,
      user,
      teams,
      team,
      aclRoles,
      aclRole,
      audit,
      instanceSizes,
      system,
    ]),
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

/** Fetches the scripts of the page that the address names. Where it names none, the first one after a login. */
export function preloadPage(router: ReturnType<typeof makeRouter>) {
  const ids: string[] = router.matchRoutes(router.latestLocation).map((it) => it.routeId);
  if (ids.includes(start.id)) ids.push(overview.id);
  for (const route of Object.values(router.routesById)) {
    const component = route.options.component as AsyncRouteComponent<object> | undefined;
    if (ids.includes(route.id)) void component?.preload?.();
  }
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

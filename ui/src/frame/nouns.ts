import {
  IconBuildingSkyscraper,
  IconCloud,
  IconDatabase,
  IconDisc,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconPuzzle,
  IconRuler2,
  IconServer,
  IconServer2,
  IconServerCog,
  IconShieldLock,
  IconSitemap,
  IconStack2,
  IconUsers,
  IconUsersGroup,
  type Icon,
} from '@tabler/icons-react';

import type { ScopeKind } from '../api/scope';

/** The pages a scope has, in the order of the navigation. A new page is a line here and a route. */
export const NOUNS = [
  {
    to: '/$scope',
    label: 'Overview',
    icon: IconLayoutDashboard,
    scopes: ['global', 'account', 'environment'],
  },
  { to: '/$scope/farms', label: 'Farms', icon: IconSitemap, scopes: ['environment'] },
  { to: '/$scope/servers', label: 'Servers', icon: IconServer, scopes: ['environment'] },
  { to: '/$scope/volumes', label: 'Volumes', icon: IconDatabase, scopes: ['environment'] },
  { to: '/$scope/roles', label: 'Roles', icon: IconPuzzle, scopes: ['global', 'account', 'environment'] },
  { to: '/$scope/images', label: 'Images', icon: IconDisc, scopes: ['global', 'account', 'environment'] },
  { to: '/$scope/clouds', label: 'Clouds', icon: IconCloud, scopes: ['environment'] },
  { to: '/$scope/inventory', label: 'Inventory', icon: IconServer2, scopes: ['environment'] },
  { to: '/$scope/credentials', label: 'Cloud credentials', icon: IconKey, scopes: ['global', 'account'] },
  { to: '/$scope/environments', label: 'Environments', icon: IconStack2, scopes: ['account'] },
  { to: '/$scope/accounts', label: 'Accounts', icon: IconBuildingSkyscraper, scopes: ['global'] },
  { to: '/$scope/users', label: 'Users', icon: IconUsers, scopes: ['global', 'account'] },
  { to: '/$scope/teams', label: 'Teams', icon: IconUsersGroup, scopes: ['account'] },
  { to: '/$scope/acl-roles', label: 'ACL roles', icon: IconShieldLock, scopes: ['account'] },
  { to: '/$scope/instance-sizes', label: 'Instance sizes', icon: IconRuler2, scopes: ['global'] },
  { to: '/$scope/audit', label: 'Audit log', icon: IconHistory, scopes: ['global', 'account'] },
  { to: '/$scope/system', label: 'System', icon: IconServerCog, scopes: ['global'] },
] as const satisfies { to: string; label: string; icon: Icon; scopes: readonly ScopeKind[] }[];

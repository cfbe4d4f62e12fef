import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { roleCategoriesQuery } from '../../api/role-categories';
import { readRolesAnew, type Role, rolesQuery } from '../../api/roles';
import { scopeSegment, useScope } from '../../api/scope';
import { RoleForm } from '../../forms/role-edit';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { scopeLabel, useOsName } from '../images/names';
import { useRoleFilters } from './Filters';
import { RoleLink } from './RoleLink';

/** What servers are launched from: an operating system, with an image of it for each place. */
export function RolesPage() {
  const scope = useScope();
  const list = useQuery(rolesQuery(scope));
  const categories = useQuery(roleCategoriesQuery(scope));
  const osName = useOsName(scope);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const category = (row: Role) =>
    categories.data?.find((it) => it.id === row.category?.id)?.name ?? String(row.category?.id ?? '–');
  const filters = useRoleFilters(list.data ?? [], category);
  const columns: Column<Role>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
      cell: (row) => <RoleLink role={row} />,
    },
    {
      id: 'os',
      label: 'Operating system',
      sort: 'os',
      text: (row) => osName(row.os?.id),
      cell: (row) => osName(row.os?.id),
    },
    { id: 'category', label: 'Category', sort: 'category', text: category, cell: category },
    {
      id: 'scope',
      label: 'Scope',
      sort: 'scope',
      text: (row) => scopeLabel(row.scope),
      cell: (row) => scopeLabel(row.scope),
    },
    { id: 'state', label: 'State', sort: 'state', text: stateOf, cell: stateOf },
    {
      id: 'tags',
      label: 'Tags',
      text: (row) => (row.tags ?? []).join(', '),
      cell: (row) => (row.tags ?? []).join(', ') || '–',
    },
  ];
  const create = (
    <RoleForm
      leftSection={<IconPlus size={16} aria-hidden />}
      done={(made) => {
        void readRolesAnew(queries);
        void navigate({
          to: '/$scope/roles/$roleId',
          params: { scope: scopeSegment(scope), roleId: String(made.id) },
        });
      }}
    />
  );
  return (
    <ListPage
      title="Roles"
      hint="What servers are launched from: one operating system, with an image of it for each cloud and location."
      actions={
        <>
          <Button
            component={Link}
            to="/$scope/roles/categories"
            params={{ scope: scopeSegment(scope) } as never}
            variant="default"
          >
            Categories
          </Button>
          {create}
        </>
      }
      list={list}
      columns={columns}
      rowKey={(row) => String(row.id)}
      words={(row) => [row.name, row.description, ...(row.tags ?? [])]}
      filters={filters}
      empty={
        <Empty title="No roles yet" action={create}>
          Make one, and add an image for each location that it is to be launched in. Farms are put together
          from roles.
        </Empty>
      }
    />
  );
}

function stateOf({ deprecated }: Role): string {
  return deprecated ? 'deprecated' : 'active';
}

import { Anchor, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { deleteRoleCategory, type RoleCategory, roleCategoriesQuery } from '../../api/role-categories';
import { readRolesAnew, rolesQuery } from '../../api/roles';
import { scopeSegment, useScope } from '../../api/scope';
import { RoleCategoryForm } from '../../forms/role-category-edit';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { isOwn, scopeLabel } from '../images/names';

/** What roles are sorted by. */
export function CategoriesPage() {
  const scope = useScope();
  const list = useQuery(roleCategoriesQuery(scope));
  const roles = useQuery(rolesQuery(scope));
  const queries = useQueryClient();
  const done = (message: string) => {
    void readRolesAnew(queries);
    notifications.show({ message });
  };
  const columns: Column<RoleCategory>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
      cell: (row) => row.name,
    },
    {
      id: 'roles',
      label: 'Roles',
      isNumber: true,
      cell: (row) => (
        <Anchor
          component={Link}
          to="/$scope/roles"
          params={{ scope: scopeSegment(scope) } as never}
          search={{ category: String(row.id) } as never}
          size="sm"
          aria-label={`Roles of ${row.name}`}
        >
          {roles.data?.filter((it) => it.category?.id === row.id).length ?? '…'}
        </Anchor>
      ),
    },
    {
      id: 'scope',
      label: 'Scope',
      sort: 'scope',
      text: (row) => scopeLabel(row.scope),
      cell: (row) => scopeLabel(row.scope),
    },
    {
      id: 'actions',
      label: 'Actions',
      cell: (row) =>
        isOwn(scope, row.scope) ? (
          <Group gap="xs" wrap="nowrap">
            <RoleCategoryForm
              key={row.name}
              category={row}
              done={(name) => done(`The category is called ${name} now.`)}
            />
            <Confirm
              label="Delete"
              aria-label={`Delete ${row.name}`}
              question={`Delete the category ${row.name}?`}
              act={() => deleteRoleCategory(scope, row.id ?? 0)}
              done={() => done(`Category ${row.name} is deleted.`)}
            >
              A category that roles are of cannot be deleted.
            </Confirm>
          </Group>
        ) : (
          '–'
        ),
    },
  ];
  const create = <RoleCategoryForm done={(name) => done(`Category ${name} is created.`)} />;
  return (
    <ListPage
      title="Role categories"
      hint="What roles are sorted by. Those of scopes above are seen here, and changed there."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => String(row.id)}
      words={(row) => [row.name]}
      empty={<Empty title="No categories" action={create} />}
    />
  );
}

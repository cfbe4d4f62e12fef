import { Anchor } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { accountId, scopeSegment, useScope } from '../../api/scope';
import { type AclRole, aclRolesQuery } from '../../api/teams';
import { AclRoleForm } from '../../forms/acl-role-edit';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';

/** Sets of permissions that teams give. */
export function AclRolesPage() {
  const scope = useScope();
  const account = accountId(scope);
  const list = useQuery(aclRolesQuery(account));
  const queries = useQueryClient();
  const navigate = useNavigate();
  const made = (role: AclRole) => {
    void queries.invalidateQueries({ queryKey: ['acl-roles'] });
    void navigate({
      to: '/$scope/acl-roles/$aclRoleId',
      params: { scope: scopeSegment(scope), aclRoleId: role.id ?? '' },
    });
  };
  const columns: Column<AclRole>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
      cell: (row) => (
        <Anchor
          component={Link}
          to="/$scope/acl-roles/$aclRoleId"
          params={{ scope: scopeSegment(scope), aclRoleId: row.id ?? '' } as never}
          size="sm"
        >
          {row.name}
        </Anchor>
      ),
    },
    {
      id: 'base',
      label: 'Base role',
      sort: 'baseRole',
      text: (row) => row.baseRole ?? '',
      cell: (row) => row.baseRole,
    },
    {
      id: 'differs',
      label: 'Differs in',
      isNumber: true,
      cell: (row) => Object.keys(row.permissions ?? {}).length || '–',
    },
  ];
  const create = <AclRoleForm account={account} done={made} />;
  return (
    <ListPage
      title="ACL roles"
      hint="A role says what a team's members may do in the team's environments."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => row.id ?? ''}
      words={(row) => [row.name, row.baseRole]}
      empty={<Empty title="No ACL roles" action={create} />}
    />
  );
}

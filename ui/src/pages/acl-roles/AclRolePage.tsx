import { Alert, Loader, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { accountId, scopeSegment, useScope } from '../../api/scope';
import { aclRoleQuery, deleteAclRole, permissionsQuery } from '../../api/teams';
import { AclRoleForm } from '../../forms/acl-role-edit';
import { Confirm } from '../../parts/Confirm';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Rows } from '../../parts/Rows';

/** The roles that every account has, and nobody changes, are named as their base. */
const BUILT_IN = ['full-access', 'read-only', 'no-access'];

/** One role: each permission, and whether it is granted by the base role or by this one. */
export function AclRolePage() {
  const scope = useScope();
  const account = accountId(scope);
  const { aclRoleId } = useParams({ from: '/in/$scope/acl-roles/$aclRoleId' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const role = useQuery(aclRoleQuery(account, aclRoleId));
  const all = useQuery(permissionsQuery(account));
  if (role.error && (!role.data || isGone(role.error)))
    return (
      <Page title="ACL role">
        <ErrorNotice error={role.error} retry={() => void role.refetch()} />
      </Page>
    );
  if (!role.data) return <Loader role="status" aria-label="Loading the ACL role" />;
  const it = role.data;
  const isBuiltIn = BUILT_IN.includes(it.name ?? '') && Object.keys(it.permissions ?? {}).length === 0;
  const own = (it.permissions ?? {}) as Record<string, boolean>;
  const says = (permission: string, baseRoles: string[]) => {
    const granted = own[permission];
    if (granted !== undefined) return granted ? 'granted here' : 'withheld here';
    return baseRoles.includes(it.baseRole ?? '') ? `granted by ${it.baseRole}` : `withheld by ${it.baseRole}`;
  };
  return (
    <Page
      title={it.name ?? ''}
      hint={`ACL role on the base of ${it.baseRole}`}
      actions={
        <>
          <AclRoleForm
            key={JSON.stringify(it)}
            account={account}
            role={it}
            done={() => void queries.invalidateQueries({ queryKey: ['acl-roles'] })}
          />
          <Confirm
            label="Delete"
            size="sm"
            question={`Delete ACL role ${it.name}?`}
            act={() => deleteAclRole(account, aclRoleId)}
            done={() => void navigate({ to: '/$scope/acl-roles', params: { scope: scopeSegment(scope) } })}
          >
            A role that a team or a member has cannot be deleted.
          </Confirm>
        </>
      }
    >
      {isBuiltIn && (
        <Alert variant="light" color="gray">
          This is one of the roles every account begins with.
        </Alert>
      )}
      <Title order={2} size="h4">
        Permissions
      </Title>
      <Rows
        label="Permissions"
        list={all}
        rowKey={(row) => row.name}
        empty={<Empty title="No permissions" />}
        columns={[
          { id: 'name', label: 'Permission', cell: (row) => <span className="mono">{row.name}</span> },
          { id: 'state', label: 'This role', cell: (row) => says(row.name, row.baseRoles) },
          {
            id: 'description',
            label: 'Allows to',
            text: (row) => row.description,
            cell: (row) => row.description,
          },
        ]}
      />
    </Page>
  );
}

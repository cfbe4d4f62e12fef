import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { deleteRole, deprecateRole, promoteRole, readRolesAnew, type Role } from '../../api/roles';
import { scopeSegment, useScope } from '../../api/scope';
import { CloneRole } from '../../forms/role-clone';
import { DeprecateRole } from '../../forms/role-deprecate';
import { RoleForm } from '../../forms/role-edit';
import { Confirm } from '../../parts/Confirm';
import { notifyError } from '../../parts/ErrorNotice';

/** What can be done with a role: from below it can only be copied. */
export function RoleActions({ role, isOwn }: { role: Role; isOwn: boolean }) {
  const scope = useScope();
  const id = role.id ?? 0;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const done = (message: string) => {
    void readRolesAnew(queries);
    notifications.show({ message });
  };
  const undo = useMutation({
    mutationFn: () => deprecateRole(scope, id, { deprecate: false }),
    onSuccess: () => done(`${role.name} is not deprecated any more.`),
    onError: (error) => notifyError(`${role.name} stays deprecated`, error),
  });
  const segment = scopeSegment(scope);
  return (
    <>
      {isOwn && (
        <RoleForm
          key={JSON.stringify(role)}
          role={role}
          done={(made) => done(`Role ${made.name} is saved.`)}
        />
      )}
      <CloneRole
        key={`copy ${role.name}`}
        role={role}
        done={(made) => {
          done(`Role ${made.name} is created.`);
          void navigate({ to: '/$scope/roles/$roleId', params: { scope: segment, roleId: String(made.id) } });
        }}
      />
      {isOwn && (
        <>
          {scope.kind !== 'global' && (
            <Confirm
              size="sm"
              label="Promote"
              question={`Move ${role.name} ${scope.kind === 'account' ? 'to Scalr scope' : 'to the account'}?`}
              act={() => promoteRole(scope, id)}
              done={() => done(`${role.name} is promoted.`)}
            >
              {scope.kind === 'account'
                ? 'All accounts see it then, and it is changed there. Those of its images that belong to this account move with it.'
                : 'All environments of the account see it then, and it is changed there. Those of its images that belong to this environment move with it.'}
            </Confirm>
          )}
          <DeprecateRole
            key={`note ${JSON.stringify(role.deprecated)}`}
            role={role}
            done={() => done(`${role.name} is deprecated.`)}
          />
          {role.deprecated && (
            <Button variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
              Undo the deprecation
            </Button>
          )}
          <Confirm
            size="sm"
            label="Delete"
            question={`Delete the role ${role.name}?`}
            act={() => deleteRole(scope, id)}
            done={() => {
              void navigate({ to: '/$scope/roles', params: { scope: segment } }).then(() =>
                done(`Role ${role.name} is deleted.`),
              );
            }}
          >
            Its images stay registered. A role that farms use cannot be deleted.
          </Confirm>
        </>
      )}
    </>
  );
}

import { Alert, Card, Loader, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { roleCategoriesQuery } from '../../api/role-categories';
import { type Role, roleQuery } from '../../api/roles';
import { useScope } from '../../api/scope';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { MadeElsewhere } from '../../parts/MadeElsewhere';
import { Page } from '../../parts/Page';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { isOwn, scopeLabel, useOsName } from '../images/names';
import { RoleActions } from './RoleActions';
import { RoleFarms } from './RoleFarms';
import { RoleImages } from './RoleImages';
import { RoleLink } from './RoleLink';

/** One role: its images for each cloud and location, and the farms that use it. */
export function RolePage() {
  const scope = useScope();
  const roleId = Number(useParams({ from: '/in/$scope/roles/$roleId' }).roleId);
  const { data: role, error, isPending, refetch } = useQuery(roleQuery(scope, roleId));
  const categories = useQuery(roleCategoriesQuery(scope));
  const osName = useOsName(scope);
  if (!role || isGone(error))
    return (
      <Page title="Role">
        {isPending ? (
          <Loader role="status" aria-label="Loading the role" />
        ) : (
          <ErrorNotice error={error} retry={() => void refetch()} />
        )}
      </Page>
    );
  const isHere = isOwn(scope, role.scope);
  return (
    <Page
      title={role.name ?? `Role ${roleId}`}
      state={role.deprecated ? <Status value="deprecated" /> : undefined}
      hint={`Role ${roleId}: ${osName(role.os?.id)}`}
      actions={<RoleActions role={role} isOwn={isHere} />}
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      {!isHere && (
        <MadeElsewhere
          what="role"
          owner={role.scope}
          link={{ to: '/$scope/roles/$roleId', params: { roleId: String(roleId) } }}
        />
      )}
      <Deprecated role={role} />
      <Card withBorder component="section" aria-label="Facts">
        <Title order={2} size="h4" mb="sm">
          Facts
        </Title>
        <dl className="facts">
          <dt>Operating system</dt>
          <dd>{osName(role.os?.id)}</dd>
          <dt>Category</dt>
          <dd>{categories.data?.find((it) => it.id === role.category?.id)?.name ?? role.category?.id}</dd>
          <dt>Scope</dt>
          <dd>{scopeLabel(role.scope)}</dd>
          <dt>Tags</dt>
          <dd>{role.tags?.join(', ') || 'none'}</dd>
          <dt>Description</dt>
          <dd style={{ whiteSpace: 'pre-wrap' }}>{role.description || 'none'}</dd>
        </dl>
      </Card>
      <RoleImages role={role} isOwn={isHere} />
      {scope.kind === 'environment' && <RoleFarms envId={scope.id} roleId={roleId} />}
    </Page>
  );
}

/** Since when, why, and what to use instead. */
function Deprecated({ role }: { role: Role }) {
  const { deprecated } = role;
  const id = deprecated?.replacement?.id;
  const instead = useQuery({ ...roleQuery(useScope(), id ?? 0), enabled: id !== undefined });
  if (!deprecated) return null;
  return (
    <Alert color="orange" variant="light" role="note" title="This role should not be used any more">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        Deprecated <When at={deprecated.deprecated} />
        {deprecated.message ? `: ${deprecated.message}` : '.'}
      </Text>
      {id !== undefined && (
        <Text size="sm">
          Use <RoleLink role={instead.data ?? { id, name: `role ${id}` }} isInText /> instead.
        </Text>
      )}
    </Alert>
  );
}

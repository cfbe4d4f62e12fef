import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import type { Role } from '../../api/roles';
import { scopeSegment, useScope } from '../../api/scope';

type Props = { role: Pick<Role, 'id' | 'name'>; isInText?: boolean };

/** Within a sentence the link is underlined: its colour alone does not tell it from the words beside it. */
export function RoleLink({ role, isInText = false }: Props) {
  const scope = scopeSegment(useScope());
  return (
    <Anchor
      component={Link}
      to="/$scope/roles/$roleId"
      params={{ scope, roleId: String(role.id) } as never}
      size="sm"
      underline={isInText ? 'always' : 'hover'}
    >
      {role.name ?? role.id}
    </Anchor>
  );
}

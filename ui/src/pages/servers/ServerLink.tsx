import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { scopeSegment, useScope } from '../../api/scope';
import type { Server } from '../../api/servers';
import { serverName } from './names';

type Props = { server: Pick<Server, 'name' | 'id'>; isInText?: boolean };

/** Within a sentence the link is underlined: its colour alone does not tell it from the words beside it. */
export function ServerLink({ server, isInText = false }: Props) {
  const scope = scopeSegment(useScope());
  return (
    <Anchor
      component={Link}
      to="/$scope/servers/$serverId"
      params={{ scope, serverId: server.id } as never}
      size="sm"
      underline={isInText ? 'always' : 'hover'}
    >
      {serverName(server)}
    </Anchor>
  );
}

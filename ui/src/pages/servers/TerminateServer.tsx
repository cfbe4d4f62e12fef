import type { ButtonProps } from '@mantine/core';
import { notifications } from '@mantine/notifications';

import { environmentId, useScope } from '../../api/scope';
import { type Server, useServerAction } from '../../api/servers';
import { Confirm } from '../../parts/Confirm';
import { serverName } from './names';

export function TerminateServer({ server, ...button }: ButtonProps & { server: Server }) {
  const act = useServerAction(environmentId(useScope()), server.id);
  const name = serverName(server);
  if (server.status === 'terminated') return null;
  return (
    <Confirm
      {...button}
      label="Terminate"
      question={`Terminate ${name}?`}
      act={() => act.mutateAsync('terminate')}
      done={() => notifications.show({ message: `${name} is being terminated.` })}
    >
      Its machine, with its disks and ports, is removed from the cloud. A running farm launches another in its
      place where its farm role would have too few.
    </Confirm>
  );
}

import { Button, Checkbox, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';

import { environmentId, useScope } from '../../api/scope';
import { type Server, type ServerAction, useServerAction } from '../../api/servers';
import { Confirm } from '../../parts/Confirm';
import { notifyError } from '../../parts/ErrorNotice';
import { serverName } from './names';
import { TerminateServer } from './TerminateServer';

/** What can be done with a server as it is now. */
export function ServerActions({ server }: { server: Server }) {
  const act = useServerAction(environmentId(useScope()), server.id);
  const [isHard, setHard] = useState(false);
  const name = serverName(server);
  const say = (message: string) => () => notifications.show({ message: `${name} ${message}.` });
  const now = (action: ServerAction, message: string, refused: string) => () =>
    act.mutate(action, {
      onSuccess: say(message),
      onError: (error) => notifyError(`${name} ${refused}`, error),
    });
  const isUp = server.status === 'running' && server.wanted === 'running';
  return (
    <>
      {server.status !== 'terminated' && (
        <Button
          variant="default"
          loading={act.isPending && act.variables === 'sync'}
          onClick={now('sync', 'is looked at now', 'cannot be looked at now')}
        >
          Look now
        </Button>
      )}
      {isUp && (
        <>
          <Confirm
            size="sm"
            label="Suspend"
            question={`Suspend ${name}?`}
            act={() => act.mutateAsync('suspend')}
            done={say('is being suspended')}
          >
            It stops working until it is resumed. Its machine and disks stay in the cloud.
          </Confirm>
          <Confirm
            size="sm"
            label="Reboot"
            question={`Reboot ${name}?`}
            act={() => act.mutateAsync(isHard ? 'reboot-hard' : 'reboot')}
            done={say('is being rebooted')}
          >
            <Stack gap="sm">
              It does not answer until it is up again.
              <Checkbox
                label="Without asking the guest"
                description="As if the power was cut: for a guest that does not answer."
                checked={isHard}
                onChange={(event) => setHard(event.currentTarget.checked)}
              />
            </Stack>
          </Confirm>
        </>
      )}
      {server.status === 'suspended' && (
        <Button
          loading={act.isPending && act.variables === 'resume'}
          onClick={now('resume', 'is being resumed', 'cannot be resumed')}
        >
          Resume
        </Button>
      )}
      <TerminateServer server={server} size="sm" />
    </>
  );
}

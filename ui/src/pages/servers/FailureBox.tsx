import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';

import { environmentId, useScope } from '../../api/scope';
import { type Server, useServerAction } from '../../api/servers';
import { notifyError } from '../../parts/ErrorNotice';
import { FailureNotice } from '../../parts/FailureNotice';
import { serverName } from './names';
import { ServerLink } from './ServerLink';
import { TerminateServer } from './TerminateServer';

const BECOMES: Record<string, string> = {
  permanent: 'It stays so until something is changed.',
  capacity: 'There is no room at the moment; it is tried again by itself.',
  transient: 'It is tried again by itself.',
  unauthorized:
    'Nothing is done until the cloud lets the credentials in, and nothing is terminated meanwhile.',
  missing: 'It was there, and two readings say that it is not. Nothing is done by itself.',
  unreachable: 'It is tried on by itself, and the server runs as soon as it answers.',
  failed: 'The cloud gave up on the machine. It stays until you terminate the server.',
};

type Props = { server: Server; isNamed?: boolean };

/** Why a server is not what it should be, what the cloud said, and what to do. */
export function FailureBox({ server, isNamed = false }: Props) {
  const { failure } = server;
  const act = useServerAction(environmentId(useScope()), server.id);
  if (!failure) return null;
  const name = serverName(server);
  const tryNow = () =>
    act.mutate('sync', {
      onSuccess: () => notifications.show({ message: `${name} is tried now.` }),
      onError: (error) => notifyError(`${name} cannot be tried now`, error),
    });
  return (
    <FailureNotice
      name={name}
      failure={failure}
      becomes={BECOMES}
      lead={
        isNamed && (
          <span>
            Server <ServerLink server={server} isInText />
          </span>
        )
      }
      actions={
        <>
          <Button
            size="xs"
            variant="default"
            loading={act.isPending}
            onClick={tryNow}
            aria-label={`Try ${name} now`}
          >
            Try now
          </Button>
          <TerminateServer server={server} size="xs" />
        </>
      }
    />
  );
}

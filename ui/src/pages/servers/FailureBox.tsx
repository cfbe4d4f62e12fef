import './servers.css';

import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';

import { sentence } from '../../api/client';
import { environmentId, useScope } from '../../api/scope';
import { type Server, useServerAction } from '../../api/servers';
import { Copy } from '../../parts/Copy';
import { notifyError } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { serverName } from './names';
import { ServerLink } from './ServerLink';
import { TerminateServer } from './TerminateServer';

/** What becomes of a failure by itself. */
const CLASS: Record<string, string> = {
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
    <section aria-label={`Failure of ${name}`}>
      <Alert
        color="red"
        variant="light"
        icon={<IconAlertTriangle aria-hidden />}
        title={sentence(failure.summary)}
        role="none"
      >
        <Stack gap="xs" fz="sm">
          {isNamed && (
            <span>
              Server <ServerLink server={server} isInText />
            </span>
          )}
          <span>
            {CLASS[failure.class] ?? failure.class} Began <When at={failure.since} />
            {failure.nextTry && (
              <>
                , next try <When at={failure.nextTry} />
              </>
            )}
            .
          </span>
          {failure.nextSteps.map((step) => (
            <span key={step}>
              <b>Next: </b>
              {sentence(step)}
            </span>
          ))}
          {failure.evidence.map((said) => (
            <Group key={said} gap={6} wrap="nowrap" align="flex-start">
              <Text className="mono" size="xs" style={{ overflowWrap: 'anywhere' }}>
                {said}
              </Text>
              <Copy value={said} what="what the cloud said" />
            </Group>
          ))}
          <Group gap="xs">
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
          </Group>
        </Stack>
      </Alert>
    </section>
  );
}

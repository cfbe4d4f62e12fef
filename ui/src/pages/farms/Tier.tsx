import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';

import { deleteFarmRole, type Farm, type FarmRole, readAnew } from '../../api/farms';
import { environmentId, scopeSegment, useScope } from '../../api/scope';
import { type Server, useLaunchServer } from '../../api/servers';
import { Confirm } from '../../parts/Confirm';
import { notifyError } from '../../parts/ErrorNotice';
import { FailureBox } from '../servers/FailureBox';
import { nServers } from './counts';
import { lockedBecause } from './FarmLocked';
import { LinkButton } from './LinkButton';
import { TierFacts } from './TierFacts';
import { TierServers } from './TierServers';

type Props = { farm: Farm; tier: FarmRole; servers: Server[] };

/** A farm role with its servers, and why those that fail do. */
export function Tier({ farm, tier, servers }: Props) {
  const alias = tier.alias ?? String(tier.id);
  const isRunning = farm.status === 'running';
  const isWaiting = isRunning && servers.length === 0 && (tier.scaling?.minInstances ?? 1) > 0;
  return (
    <Card withBorder component="section" aria-label={alias}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={3} size="h5" style={{ overflowWrap: 'anywhere' }}>
            {alias}
          </Title>
          <Group gap="xs">
            <Actions farm={farm} tier={tier} alias={alias} servers={servers} />
          </Group>
        </Group>
        <TierFacts farm={farm} tier={tier} />
        {servers.length > 0 ? (
          <TierServers label={`Servers of ${alias}`} servers={servers} />
        ) : (
          <Text size="sm" c="dimmed">
            {isWaiting && farm.launchOrder === 'sequential'
              ? 'No servers yet: it begins when the servers of the farm roles before it run.'
              : isRunning
                ? 'No servers.'
                : 'No servers: launch the farm to have them.'}
          </Text>
        )}
        {servers
          .filter((it) => it.failure)
          .map((it) => (
            <FailureBox key={it.id} server={it} isNamed />
          ))}
      </Stack>
    </Card>
  );
}

function Actions({ farm, tier, alias, servers }: Props & { alias: string }) {
  const scope = useScope();
  const envId = environmentId(scope);
  const queries = useQueryClient();
  const launch = useLaunchServer(envId);
  const id = tier.id ?? 0;
  const n = servers.filter((it) => it.status !== 'terminated').length;
  const refused = lockedBecause(farm);
  const unlessLocked = { disabled: Boolean(refused), title: refused };
  const more = () =>
    launch.mutate(id, {
      onSuccess: ({ index }) =>
        notifications.show({ message: `Server ${index} of ${alias} is being launched.` }),
      onError: (error) => notifyError(`${alias} cannot have one more server`, error),
    });
  return (
    <>
      {farm.status === 'running' && (
        <Button
          size="xs"
          variant="default"
          loading={launch.isPending}
          onClick={more}
          aria-label={`Launch one more server of ${alias}`}
        >
          Launch one more
        </Button>
      )}
      <LinkButton
        refused={refused}
        size="xs"
        variant="default"
        to="/$scope/farms/$farmId/farm-roles/$farmRoleId"
        params={{ scope: scopeSegment(scope), farmId: String(farm.id), farmRoleId: String(id) }}
        aria-label={`Edit ${alias}`}
      >
        Edit
      </LinkButton>
      <Confirm
        {...unlessLocked}
        label="Remove"
        question={`Remove the farm role ${alias}?`}
        act={() => deleteFarmRole(envId, id)}
        done={() => {
          void readAnew(queries);
          notifications.show({ message: `Farm role ${alias} is removed.` });
        }}
      >
        {n === 0
          ? 'It has no servers.'
          : `${nServers(n)} ${n === 1 ? 'is' : 'are'} terminated: everything that was made for them is removed from the cloud.`}
      </Confirm>
    </>
  );
}

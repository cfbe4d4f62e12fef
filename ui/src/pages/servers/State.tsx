import { Group, Text } from '@mantine/core';

import type { Server } from '../../api/servers';
import { ServerStatus } from '../../parts/Status';

/** What it is, and what it is being brought to where that cannot be told from it. */
export function State({ server }: { server: Server }) {
  const { status, wanted, operations } = server;
  const isOnTheWay =
    wanted !== status &&
    !(wanted === 'running' && ['pending_launch', 'pending', 'initializing', 'resuming'].includes(status)) &&
    !(wanted === 'suspended' && status === 'pending_suspend') &&
    !(wanted === 'terminated' && status === 'pending_terminate');
  return (
    <Group gap={6} wrap="nowrap" component="span">
      <ServerStatus value={status} />
      {operations.map((it) => (
        <ServerStatus key={it.name} value={it.name} />
      ))}
      {isOnTheWay && (
        <Text size="xs" c="dimmed" component="span">
          to be {wanted}
        </Text>
      )}
    </Group>
  );
}

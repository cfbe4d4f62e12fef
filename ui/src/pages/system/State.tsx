import { Anchor, Badge, Group, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';

import type { System } from '../../api/system';
import { When } from '../../parts/When';
import { nOf } from '../inventory/units';
import { SyncAges } from './SyncAges';

/** What runs, and whether each part of it works. */
export function State({ system }: { system: System }) {
  return (
    <Stack gap="lg">
      <dl className="facts">
        <dt>Version</dt>
        <dd>{system.version}</dd>
        <dt>Started</dt>
        <dd>
          <When at={system.startedAt} />
        </dd>
        <dt>Under way</dt>
        <dd>
          {nOf(system.nRunningValidations, 'validation')}, {nOf(system.nRunningSyncs, 'synchronisation')}
        </dd>
      </dl>
      <Text size="sm" c="dimmed">
        Figures for Prometheus are at{' '}
        <Anchor href="/metrics" inherit underline="always">
          /metrics
        </Anchor>
        , without a login. If they are not for everybody, close that path in the proxy in front.
      </Text>
      <div>
        <Title order={2} size="h4" mb="xs">
          Parts
        </Title>
        <Stack gap={6}>
          {system.parts.map((part) => (
            <Group key={part.name} gap="sm" wrap="nowrap" align="flex-start">
              <Badge
                color={part.ok ? 'teal' : 'red'}
                variant="light"
                radius="sm"
                tt="none"
                c="var(--mantine-color-text)"
                style={{ flexShrink: 0 }}
                leftSection={
                  part.ok ? <IconCircleCheck size={13} aria-hidden /> : <IconCircleX size={13} aria-hidden />
                }
              >
                {part.ok ? 'works' : 'broken'}
              </Badge>
              <Text size="sm" w={76} style={{ flexShrink: 0 }}>
                {part.name}
              </Text>
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {part.detail}
              </Text>
            </Group>
          ))}
        </Stack>
      </div>
      <SyncAges system={system} />
    </Stack>
  );
}

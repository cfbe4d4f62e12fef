import { Alert, Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCircleCheck, IconPlugConnectedX } from '@tabler/icons-react';

import { type Schemas, sentence } from '../api/client';
import { type Place, useProbe } from '../api/inventory';
import { ErrorNotice } from '../parts/ErrorNotice';

const SSH = 22;
const LAST_PORT = 65_535;
const OUTCOME: Record<string, { title: string; color: string }> = {
  connected: { title: 'Connected', color: 'teal' },
  refused: { title: 'Refused', color: 'yellow' },
  timeout: { title: 'No answer', color: 'red' },
  'no-route': { title: 'No way there', color: 'red' },
};

/** Tries whether the server reaches a machine, by the address that the connection policy chooses. */
export function ProbeMachine({ place, id }: { place: Place; id: string }) {
  const probe = useProbe(place, id);
  const form = useForm<{ port: number | string }>({
    mode: 'uncontrolled',
    initialValues: { port: SSH },
    validate: {
      port: (port) =>
        Number.isInteger(port) && Number(port) >= 1 && Number(port) <= LAST_PORT
          ? null
          : `A port is a whole number from 1 to ${LAST_PORT}`,
    },
  });
  const send = form.onSubmit(
    ({ port }) => probe.mutate(Number(port)),
    () => form.getInputNode('port')?.focus(),
  );
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="xs">
        <Group align="flex-end" gap="xs">
          <NumberInput
            label="TCP port"
            description="22 is SSH, 3389 is RDP"
            size="xs"
            w={180}
            hideControls
            allowDecimal={false}
            thousandSeparator={false}
            key={form.key('port')}
            {...form.getInputProps('port')}
          />
          <Button type="submit" size="xs" variant="default" loading={probe.isPending}>
            Probe
          </Button>
        </Group>
        <ErrorNotice error={probe.error} />
        <div role="status">{probe.data?.probe && <Outcome probe={probe.data.probe} />}</div>
      </Stack>
    </form>
  );
}

function Outcome({ probe }: { probe: Schemas['Probe'] }) {
  const { title, color } = OUTCOME[probe.outcome] ?? { title: probe.outcome, color: 'gray' };
  const Icon = probe.outcome === 'connected' ? IconCircleCheck : IconPlugConnectedX;
  return (
    <Alert
      color={color}
      className="inventory-notice"
      icon={<Icon aria-hidden />}
      title={`${title}, port ${probe.port}`}
    >
      <Text size="sm">
        {sentence(probe.detail)} It took {probe.elapsedMs || 'less than 1'} ms.
      </Text>
      {probe.remedy && (
        <Text size="sm">
          <b>Next: </b>
          {sentence(probe.remedy)}
        </Text>
      )}
    </Alert>
  );
}

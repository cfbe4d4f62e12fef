import { Alert, Button, Group, Paper, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { ApiError } from '../../api/client';
import { readAnew } from '../../api/farms';
import { actOnServer } from '../../api/servers';
import { Confirm } from '../../parts/Confirm';
import { nServers } from '../farms/counts';
import type { Selected } from './ServersPage';

type Action = 'suspend' | 'resume' | 'reboot' | 'terminate';
type Refusal = { id: string; name: string; reason: string };

const ACTIONS: Record<Action, { label: string; done: string; means: string }> = {
  suspend: {
    label: 'Suspend',
    done: 'being suspended',
    means: 'They stop working until they are resumed. Machines and disks stay in their clouds.',
  },
  resume: { label: 'Resume', done: 'being resumed', means: 'They are switched on again.' },
  reboot: { label: 'Reboot', done: 'being rebooted', means: 'They do not answer until they are up again.' },
  terminate: {
    label: 'Terminate',
    done: 'being terminated',
    means:
      'Everything that was made for them, machines, disks and ports, is removed from the clouds. Running farms launch others where farm roles would have too few.',
  },
};
/** So many requests at a time. */
const AT_ONCE = 4;
/** More names than these say no more. */
const NAMED = 8;

type Props = { envId: number; selected: Selected; onSelect: (selected: Selected) => void };

/** One request for each chosen server. Those that were refused stay chosen, and are told with the reason. */
export function BulkActions({ envId, selected, onSelect }: Props) {
  const queries = useQueryClient();
  const [refused, setRefused] = useState<{ action: Action; rows: Refusal[] }>();
  const run = async (action: Action) => {
    const rows: Refusal[] = [];
    const left = [...selected];
    const worker = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [id, name] = next;
        await actOnServer(envId, id, action).catch((error: unknown) =>
          rows.push({ id, name, reason: reasonOf(error) }),
        );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const n = selected.size - rows.length;
    if (n > 0)
      notifications.show({ message: `${nServers(n)} ${n === 1 ? 'is' : 'are'} ${ACTIONS[action].done}.` });
    setRefused(rows.length > 0 ? { action, rows } : undefined);
    onSelect(new Map(rows.map((it) => [it.id, it.name])));
    void readAnew(queries);
  };
  return (
    <>
      {selected.size > 0 && (
        <Paper withBorder p="xs" role="toolbar" aria-label="Selected servers">
          <Group gap="xs">
            <Text size="sm" fw={600} mr="xs">
              {nServers(selected.size)} selected
            </Text>
            {(Object.keys(ACTIONS) as Action[]).map((action) => (
              <Confirm
                key={action}
                label={ACTIONS[action].label}
                question={`${ACTIONS[action].label} ${nServers(selected.size)}?`}
                act={() => run(action)}
              >
                <Text size="sm" mb="xs">
                  {ACTIONS[action].means}
                </Text>
                <Names selected={selected} />
              </Confirm>
            ))}
            <Button size="xs" variant="subtle" onClick={() => onSelect(new Map())}>
              Clear the selection
            </Button>
          </Group>
        </Paper>
      )}
      {refused && (
        <Alert
          color="orange"
          variant="light"
          role="alert"
          title={`${ACTIONS[refused.action].label} was refused for ${nServers(refused.rows.length)}`}
          withCloseButton
          closeButtonLabel="Close"
          onClose={() => setRefused(undefined)}
        >
          <ul style={{ margin: 0, paddingInlineStart: '1.2rem' }}>
            {refused.rows.map((it) => (
              <li key={it.id}>
                <b>{it.name}</b>: {it.reason}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </>
  );
}

function Names({ selected }: { selected: Selected }) {
  const names = [...selected.values()];
  return (
    <ul style={{ margin: 0, paddingInlineStart: '1.2rem', overflowWrap: 'anywhere' }}>
      {names.slice(0, NAMED).map((name, index) => (
        <li key={index}>{name}</li>
      ))}
      {names.length > NAMED && <li>and {names.length - NAMED} more</li>}
    </ul>
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const remedy = error instanceof ApiError ? error.remedy : undefined;
  return remedy ? `${error.message} ${remedy}` : error.message;
}

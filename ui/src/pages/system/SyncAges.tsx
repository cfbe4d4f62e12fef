import { Anchor, Badge, Group, Text, Title } from '@mantine/core';
import { IconClockExclamation } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { sentence, type Schemas } from '../../api/client';
import { useSession } from '../../api/session';
import type { System } from '../../api/system';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { seconds } from './durations';

type CredentialSync = Schemas['CredentialSync'];
/** As the inventory has it: stale is what missed two readings. */
const MISSED = 2;

/** How old what is known through each set of credentials is. */
export function SyncAges({ system }: { system: System }) {
  const session = useSession();
  const interval = system.configuration.find((it) => it.key === 'sync_interval')?.value ?? '';
  const limit = MISSED * (seconds(interval) ?? Infinity);
  const accountName = (row: CredentialSync) =>
    row.accountId ? (session.accounts.find((it) => it.id === row.accountId)?.name ?? `${row.accountId}`) : '';
  const columns: Column<CredentialSync>[] = [
    {
      id: 'name',
      label: 'Cloud credentials',
      text: (row) => row.name,
      cell: (row) => (
        <Anchor
          component={Link}
          to="/$scope/credentials/$credentialId"
          params={
            { scope: row.accountId ? `account-${row.accountId}` : 'global', credentialId: row.id } as never
          }
          size="sm"
        >
          {row.name}
        </Anchor>
      ),
    },
    {
      id: 'account',
      label: 'Account',
      text: (row) => accountName(row) || 'Scalr scope',
      cell: (row) => accountName(row) || 'Scalr scope',
    },
    { id: 'status', label: 'Status', cell: (row) => <Status value={row.status} /> },
    {
      id: 'age',
      label: 'Last read',
      cell: (row) => (
        <Group gap="xs" wrap="nowrap">
          <When at={row.lastSyncAt} none="not read yet" />
          {(row.ageSeconds ?? 0) > limit && (
            <Badge
              color="yellow.4"
              miw="max-content"
              c="black"
              radius="sm"
              tt="none"
              leftSection={<IconClockExclamation size={13} aria-hidden />}
            >
              stale
            </Badge>
          )}
        </Group>
      ),
    },
    {
      id: 'error',
      label: 'Last error',
      text: (row) => row.error ?? '',
      cell: (row) => (row.error ? sentence(row.error) : '–'),
    },
  ];
  return (
    <div>
      <Title order={2} size="h4">
        Age of the inventory
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        Credentials that an environment is linked to are read every {interval}. What was not read for twice as
        long is stale.
      </Text>
      <DataTable
        label="Age of the inventory"
        columns={columns}
        rowCount={system.credentials.length}
        rowAt={(index) => system.credentials[index]}
        rowKey={(row) => row.id}
        empty={
          <Empty title="No cloud credentials yet">
            Add them in an account, or here at Scalr scope for all accounts.
          </Empty>
        }
      />
    </div>
  );
}

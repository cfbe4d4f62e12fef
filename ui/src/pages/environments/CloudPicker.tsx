import './picker.css';

import { Badge, Box, Button, Group, Loader, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { sentence } from '../../api/client';
import { useLink } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { credentialsQuery, type CredentialSummary } from '../../api/cloud-credentials';
import { accountId, scopeSegment, useScope } from '../../api/scope';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Status } from '../../parts/Status';

type Props = {
  platform: string;
  envId: number;
  /** The credentials that are linked now. */
  current: string | undefined;
  close: () => void;
};

/** Chooses the credentials an environment uses for a cloud, from those that are available here. */
export function CloudPicker({ platform, envId, current, close }: Props) {
  const scope = useScope();
  const {
    data: available,
    error,
    isPending,
    refetch,
  } = useQuery(credentialsQuery(scope, { provider: platform, sort: 'name' }));
  const link = useLink(accountId(scope), envId, platform);
  const [filter, setFilter] = useState('');
  const rows = (available ?? []).filter((it) => it.name.toLowerCase().includes(filter.trim().toLowerCase()));
  const choose = ({ id, name }: CredentialSummary) =>
    link.mutate(id, {
      onSuccess: ({ warnings }) => {
        close();
        notifications.show({
          message: `${name} is linked. ${cloudName(platform)} is being read for the first time.`,
        });
        for (const { message } of warnings)
          notifications.show({ color: 'orange', message: sentence(message) });
      },
    });
  const add = (
    <Button
      component={Link}
      to="/$scope/credentials/new"
      params={{ scope: scopeSegment(scope) } as never}
      search={{ cloud: platform, link: String(envId) } as never}
      leftSection={<IconPlus size={16} aria-hidden />}
      variant={available?.length === 0 ? 'filled' : 'default'}
    >
      Add new credentials
    </Button>
  );
  return (
    <Modal opened onClose={close} title={`Select credentials for ${cloudName(platform)}`} size="xl" centered>
      <Stack>
        <ErrorNotice error={error} retry={() => void refetch()} />
        <ErrorNotice error={link.error} title="Nothing was linked" />
        {available && available.length > 0 && (
          <Group>
            <TextInput
              aria-label="Filter credentials by name"
              placeholder="Filter by name"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)}
              style={{ flex: '1 1 12rem' }}
              data-autofocus
            />
            {add}
          </Group>
        )}
        {isPending && <Loader aria-label="Loading credentials" />}
        {available?.length === 0 && (
          <Empty title={`No ${cloudName(platform)} credentials are available`} action={add}>
            Add the endpoint and the login of the cloud; they are checked, and linked to this environment.
          </Empty>
        )}
        {rows.length > 0 && (
          <Choice
            rows={rows}
            envId={envId}
            current={current}
            isPending={link.isPending}
            pending={link.variables}
            choose={choose}
          />
        )}
        {available && available.length > 0 && rows.length === 0 && (
          <Text size="sm" c="dimmed">
            No credentials are named like “{filter}”.
          </Text>
        )}
      </Stack>
    </Modal>
  );
}

type ChoiceProps = {
  rows: CredentialSummary[];
  envId: number;
  current: string | undefined;
  isPending: boolean;
  pending: string | undefined;
  choose: (row: CredentialSummary) => void;
};

function Choice({ rows, envId, current, isPending, pending, choose }: ChoiceProps) {
  return (
    <ul aria-label="Available credentials" className="choice">
      {rows.map((row) => (
        <li key={row.id}>
          <Box miw={0} style={{ flex: '1 1 12rem' }}>
            <Text size="sm" fw={600} className="truncate" title={row.name}>
              {row.name}
            </Text>
            <Text size="sm" c="dimmed">
              {row.scope === 'scalr' ? 'Scalr scope' : 'Account scope'}
            </Text>
          </Box>
          <Status value={row.status} />
          <Usage row={row} envId={envId} />
          {row.id === current ? (
            <Text size="sm" c="dimmed">
              linked here
            </Text>
          ) : (
            <Button
              size="compact-sm"
              disabled={isPending && pending !== row.id}
              loading={isPending && pending === row.id}
              aria-label={`Link ${row.name}`}
              onClick={() => choose(row)}
            >
              Link
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Usage({ row, envId }: { row: CredentialSummary; envId: number }) {
  if (row.usedBy.length === 0)
    return (
      <Text size="sm" c="dimmed" style={{ flex: '1 1 10rem' }}>
        not in use
      </Text>
    );
  const names = row.usedBy.map((it) => (it.id === envId ? 'this environment' : it.name)).join(', ');
  return (
    <Group gap={6} wrap="nowrap" miw={0} style={{ flex: '1 1 10rem' }} title={names}>
      <Badge
        variant="outline"
        color="gray"
        radius="sm"
        c="var(--mantine-color-text)"
        style={{ flexShrink: 0 }}
      >
        In use
      </Badge>
      <Text size="sm" className="truncate">
        {names}
      </Text>
    </Group>
  );
}

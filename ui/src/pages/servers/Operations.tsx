import './servers.css';

import { Group, Stack, Text, Title } from '@mantine/core';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';

import { sentence } from '../../api/client';
import { isVsphere } from '../../api/clouds';
import { allQuery, resourcesOf, sizesOf } from '../../api/inventory';
import { environmentId, useScope } from '../../api/scope';
import type { ServerOperation } from '../../api/server-operations';
import type { Server } from '../../api/servers';
import { ResizeServer } from '../../forms/server-resize';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { NextSteps } from '../../parts/FailureNotice';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

type Props = {
  server: Server;
  list: UseQueryResult<ServerOperation[], Error>;
  done: (message: string) => void;
};

/** What was asked of a server besides its power, the latest first, and why what failed did. */
export function Operations({ server, list, done }: Props) {
  const isSettled = server.status === server.wanted && ['running', 'suspended'].includes(server.status);
  const nameOf = useNamesOf(server);
  return (
    <Stack gap="xs" component="section" aria-label="Operations">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          Operations
        </Title>
        {server.status !== 'terminated' && (
          <ResizeServer key={server.instanceType.id} server={server} disabled={!isSettled} done={done} />
        )}
      </Group>
      <ErrorNotice
        error={list.error}
        retry={() => void list.refetch()}
        title="The operations cannot be listed"
      />
      {list.data?.length === 0 && (
        <div className="table-box">
          <Empty title="Nothing was asked of it yet">
            Resizes, snapshots, disks and addresses are done one after the other, and are listed here with
            what became of them.
          </Empty>
        </div>
      )}
      {list.data && list.data.length > 0 && (
        <ol className="operations">
          {list.data.map((it) => (
            <Operation key={it.id} operation={it} nameOf={nameOf} />
          ))}
        </ol>
      )}
    </Stack>
  );
}

type OperationProps = { operation: ServerOperation; nameOf: (id: string) => string };

function Operation({ operation, nameOf }: OperationProps) {
  const { kind, status, requestedBy, added, ended, result, evidence, failure } = operation;
  const facts = [
    ...Object.entries(evidence).map(([name, value]) => [EVIDENCE[name] ?? name, value] as const),
    ...(result ? [['ID in the cloud', result.id] as const] : []),
  ];
  return (
    <li data-failed={failure ? true : undefined}>
      <Group gap="xs">
        <Status value={status} />
        <Text size="sm" fw={600}>
          {KINDS[kind] ?? kind}
        </Text>
        <Text size="sm">{told(operation, nameOf)}</Text>
      </Group>
      <Text size="sm" c="dimmed">
        {requestedBy.email ?? requestedBy.id}, <When at={added} />
        {ended && (
          <>
            ; ended <When at={ended} />
          </>
        )}
      </Text>
      {failure && (
        <Stack gap={2} fz="sm" role="note" aria-label={`Why ${KINDS[kind] ?? kind} failed`}>
          <span>{sentence(failure.summary)}</span>
          <NextSteps of={failure} />
        </Stack>
      )}
      {facts.length > 0 && (
        <ul className="evidence">
          {facts.map(([name, value]) => (
            <li key={name}>
              <span>
                {name} <span className="mono">{value}</span>
              </span>
              <Copy value={value} what={name.toLowerCase()} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

const KINDS: Record<string, string> = {
  resize: 'Resize',
  snapshot: 'Snapshot',
  addDisk: 'Add disk',
  extendDisk: 'Extend disk',
  removeDisk: 'Remove disk',
  attachVolume: 'Attach volume',
  detachVolume: 'Detach volume',
  addFloatingIp: 'Add floating IP',
  removeFloatingIp: 'Remove floating IP',
};
const EVIDENCE: Record<string, string> = { requestId: 'Request', order: 'Order' };

/** What was asked for, in the words of the request: sizes and networks by name. */
function told({ parameters }: ServerOperation, nameOf: (id: string) => string): string {
  return Object.entries(parameters as Record<string, unknown>)
    .map(([name, value]) => {
      if (name === 'sizeGib') return `${String(value)} GiB`;
      if (typeof value === 'object' && value !== null && 'id' in value) return nameOf(String(value.id));
      return String(value);
    })
    .filter(Boolean)
    .join(', ');
}

function useNamesOf(server: Server): (id: string) => string {
  const envId = environmentId(useScope());
  const { cloudPlatform, cloudLocation } = server;
  const place = { envId, cloudPlatform, cloudLocation };
  const sizes = useQuery(allQuery(sizesOf(place, {})));
  const networks = useQuery({
    ...allQuery(resourcesOf(place, 'networks', { sort: 'name' })),
    enabled: !isVsphere(cloudPlatform),
  });
  const known = [...(sizes.data?.rows ?? []), ...(networks.data?.rows ?? [])];
  return (id) => known.find((it) => it.id === id)?.name ?? id;
}

import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { isVsphere } from '../../api/clouds';
import { environmentId, useScope } from '../../api/scope';
import { detailsQuery, type ServerDetails, serverOperations } from '../../api/server-operations';
import type { Server } from '../../api/servers';
import { AddDisk, ExtendDisk } from '../../forms/server-disk';
import { AddFloatingIp } from '../../forms/server-floating-ip';
import { SnapshotServer } from '../../forms/server-snapshot';
import { AttachVolume } from '../../forms/server-volume';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { TableSection } from '../../parts/TableSection';
import { When } from '../../parts/When';
import { bytes } from '../inventory/units';

type Props = {
  server: Server;
  /** Of its operations: each end is a reason to ask the cloud again. */
  nEnded: number;
  done: (message: string) => void;
};

/** Disks, snapshots and floating IPs as the cloud has them now, and what can be done about them. */
export function InItsCloud({ server, nEnded, done }: Props) {
  const envId = environmentId(useScope());
  const details = useQuery(detailsQuery(envId, server.id));
  const { refetch } = details;
  const known = useRef(nEnded);
  useEffect(() => {
    if (known.current !== nEnded) void refetch();
    known.current = nEnded;
  }, [nEnded, refetch]);
  const isVm = isVsphere(server.cloudPlatform);
  const isSettled = server.status === server.wanted && ['running', 'suspended'].includes(server.status);
  const part = { server, done, isSettled, details: details.data };
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Button size="xs" variant="default" loading={details.isFetching} onClick={() => void refetch()}>
          Ask the cloud now
        </Button>
        <Text size="sm" c="dimmed">
          {details.dataUpdatedAt > 0 && (
            <>
              Asked <When at={new Date(details.dataUpdatedAt).toISOString()} />
            </>
          )}
        </Text>
      </Group>
      <ErrorNotice error={details.error} retry={() => void refetch()} title="The cloud did not tell" />
      {details.isPending && <Loader role="status" aria-label="Asking the cloud" />}
      {details.data && (
        <>
          <Disks {...part} isVm={isVm} />
          <Snapshots {...part} />
          {!isVm && <FloatingIps {...part} />}
        </>
      )}
    </Stack>
  );
}

type PartProps = {
  server: Server;
  done: (message: string) => void;
  isSettled: boolean;
  details: ServerDetails | undefined;
};
type Disk = ServerDetails['disks'][number];
type Snapshot = ServerDetails['snapshots'][number];
type FloatingIp = ServerDetails['floatingIps'][number];

function Disks({ server, done, isSettled, details, isVm }: PartProps & { isVm: boolean }) {
  const ask = serverOperations(environmentId(useScope()), server.id);
  const columns: Column<Disk>[] = [
    { id: 'name', label: 'Name', text: (row) => row.name, cell: (row) => row.name || row.id },
    { id: 'size', label: 'Size', isNumber: true, cell: (row) => sizeOf(row.sizeBytes) },
    { id: 'place', label: 'Place', text: (row) => row.place ?? '', cell: (row) => <Mono text={row.place} /> },
  ];
  if (isVm)
    columns.push({ id: 'provisioning', label: 'Provisioning', cell: (row) => row.provisioning ?? '–' });
  columns.push({
    id: 'actions',
    label: 'Actions',
    cell: (row) =>
      isVm ? (
        <Group gap="xs" wrap="nowrap">
          <ExtendDisk key={row.sizeBytes} server={server} disk={row} disabled={!isSettled} done={done} />
          <Confirm
            label="Remove"
            disabled={!isSettled}
            aria-label={`Remove ${row.name}`}
            question={`Remove ${row.name} with its file?`}
            act={() => ask.removeDisk(row.id)}
            done={() => done(`loses ${row.name}`)}
          >
            What is on it is gone for good.
          </Confirm>
        </Group>
      ) : (
        <Confirm
          label="Detach"
          disabled={!isSettled}
          aria-label={`Detach ${row.name || row.id}`}
          question={`Detach ${row.name || row.id}?`}
          act={() => ask.detachVolume(row.id)}
          done={() => done('is asked to give the volume back')}
        >
          The volume stays in the project. Unmount it in the guest first.
        </Confirm>
      ),
  });
  return (
    <TableSection
      title={isVm ? 'Disks' : 'Volumes'}
      action={
        isVm ? (
          <AddDisk server={server} disabled={!isSettled} done={done} />
        ) : (
          <AttachVolume server={server} disabled={!isSettled} done={done} />
        )
      }
      rows={details?.disks ?? []}
      rowKey={(row) => row.id}
      columns={columns}
      empty={<Empty title={isVm ? 'No disks' : 'No volumes are attached'} />}
    />
  );
}

function Snapshots({ server, done, isSettled, details }: PartProps) {
  const nameOf = (id: string | null | undefined) => details?.snapshots.find((it) => it.id === id)?.name ?? id;
  const columns: Column<Snapshot>[] = [
    { id: 'name', label: 'Name', text: (row) => row.name, cell: (row) => row.name },
    { id: 'created', label: 'Age', cell: (row) => <When at={row.created} none="not known" /> },
    { id: 'size', label: 'Size', isNumber: true, cell: (row) => sizeOf(row.sizeBytes) },
    { id: 'status', label: 'Status', cell: (row) => row.status },
    { id: 'parent', label: 'Made after', cell: (row) => nameOf(row.parent) ?? '–' },
    {
      id: 'description',
      label: 'Description',
      text: (row) => row.description ?? '',
      cell: (row) => row.description || '–',
    },
  ];
  return (
    <TableSection
      title="Snapshots"
      action={<SnapshotServer server={server} disabled={!isSettled} done={done} />}
      rows={details?.snapshots ?? []}
      rowKey={(row) => row.id}
      columns={columns}
      empty={<Empty title="No snapshots" />}
    />
  );
}

function FloatingIps({ server, done, isSettled, details }: PartProps) {
  const ask = serverOperations(environmentId(useScope()), server.id);
  const columns: Column<FloatingIp>[] = [
    { id: 'address', label: 'Address', cell: (row) => <Mono text={row.address} /> },
    { id: 'fixed', label: 'Leads to', cell: (row) => <Mono text={row.fixedAddress} /> },
  ];
  columns.push({
    id: 'actions',
    label: 'Actions',
    cell: (row) => (
      <Confirm
        label="Remove"
        disabled={!isSettled}
        aria-label={`Remove ${row.address}`}
        question={`Take ${row.address} from the server?`}
        act={() => ask.removeFloatingIp(row.id)}
        done={() => done(`loses ${row.address}`)}
      >
        It is released where it was made for a server of ours, and may not be had again.
      </Confirm>
    ),
  });
  return (
    <TableSection
      title="Floating IPs"
      action={<AddFloatingIp server={server} disabled={!isSettled} done={done} />}
      rows={details?.floatingIps ?? []}
      rowKey={(row) => row.id}
      columns={columns}
      empty={<Empty title="No floating IPs" />}
    />
  );
}

function sizeOf(size: number | null | undefined): string {
  return typeof size === 'number' ? bytes(size) : 'not known';
}

function Mono({ text }: { text: string | null | undefined }) {
  return text ? <span className="mono">{text}</span> : <>–</>;
}

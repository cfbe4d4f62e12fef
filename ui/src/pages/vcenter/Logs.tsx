import { Anchor, Group, Loader, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { type CloudLog, cloudLogsQuery } from '../../api/cloud-logs';
import { allQuery, type Place, resourcesOf } from '../../api/inventory';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { type ListState, useListState } from '../inventory/address';
import { AskAgain } from './AskAgain';
import { LogLines } from './LogLines';

/** Stands for the vCenter among its hosts, whose ids are never empty. */
const ITSELF = '';

/** The logs that the vCenter and its hosts keep of themselves. */
export function Logs({ place }: { place: Place }) {
  const [{ host, log }, change] = useListState();
  const hosts = useQuery(allQuery(resourcesOf(place, 'hosts', { sort: 'name' })));
  const names = (hosts.data?.rows ?? []).map((it) => ({ value: it.id, label: it.name }));
  if (host && !names.some((it) => it.value === host)) names.push({ value: host, label: host });
  const of = names.find((it) => it.value === host)?.label ?? 'the vCenter';
  if (log) return <LogLines key={`${host} ${log}`} place={place} log={log} host={host} of={of} />;
  return (
    <>
      <Group gap="xs" align="flex-end">
        <Select
          label="Whose logs"
          w={{ base: '100%', xs: 320 }}
          allowDeselect={false}
          searchable
          data={[{ value: ITSELF, label: 'The vCenter itself' }, ...names]}
          nothingFoundMessage="None has this in its name"
          value={host ?? ITSELF}
          onChange={(next) => change({ host: next || undefined })}
          error={hosts.error?.message}
        />
      </Group>
      <LogList place={place} host={host} of={of} />
    </>
  );
}

function LogList({ place, host, of }: { place: Place; host: string | undefined; of: string }) {
  const list = useQuery(cloudLogsQuery(place, host));
  const rows = list.data ?? [];
  return (
    <>
      <AskAgain askedAt={list.dataUpdatedAt} isAsking={list.isRefetching} ask={() => void list.refetch()} />
      <ErrorNotice error={list.error} retry={() => void list.refetch()} title="The logs cannot be listed" />
      {list.isPending && <Loader role="status" aria-label="Loading logs" />}
      {list.data && (
        <DataTable
          label={`Logs of ${of}`}
          columns={COLUMNS}
          rowCount={rows.length}
          rowAt={(index) => rows[index]}
          rowKey={(row) => row.id}
          empty={<Empty title={`No logs of ${of}`}>It keeps none that it would show.</Empty>}
        />
      )}
    </>
  );
}

const COLUMNS: Column<CloudLog>[] = [
  {
    id: 'file',
    label: 'File',
    text: (row) => row.fileName,
    cell: (row) => (
      <Anchor
        component={Link}
        to="."
        search={((before: ListState) => ({ ...before, log: row.id, line: undefined })) as never}
        size="sm"
      >
        {row.fileName}
      </Anchor>
    ),
  },
  { id: 'creator', label: 'Written by', text: (row) => row.creator, cell: (row) => row.creator },
  {
    id: 'label',
    label: 'What it is',
    text: (row) => row.summary ?? row.label ?? '',
    cell: (row) => row.summary ?? row.label ?? '–',
  },
];

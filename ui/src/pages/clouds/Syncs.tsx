import { Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { sentence } from '../../api/client';
import { type Sync, syncsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

const WHY: Record<string, string> = {
  periodic: 'by itself',
  request: 'asked for',
  link: 'credentials linked',
  'clear-cache': 'cache cleared',
};

const COLUMNS: Column<Sync>[] = [
  { id: 'startedAt', label: 'Begun', cell: (row) => <When at={row.startedAt} /> },
  { id: 'status', label: 'Result', cell: (row) => <Status value={row.status} /> },
  {
    id: 'took',
    label: 'Took',
    isNumber: true,
    cell: (row) => (row.endedAt ? `${seconds(row).toFixed(1)} s` : '–'),
  },
  { id: 'nChanges', label: 'Changes', isNumber: true, cell: (row) => row.nChanges.toLocaleString('en') },
  { id: 'trigger', label: 'Why', cell: (row) => WHY[row.trigger] ?? row.trigger },
  { id: 'requestedBy', label: 'By', text: (row) => row.requestedBy, cell: (row) => row.requestedBy },
  {
    id: 'error',
    label: 'Error',
    text: (row) => row.error ?? '',
    cell: (row) => (row.error ? sentence(row.error) : '–'),
  },
];

function seconds({ startedAt, endedAt }: Sync): number {
  return (new Date(endedAt ?? startedAt).getTime() - new Date(startedAt).getTime()) / 1000;
}

/** The last readings of a cloud. */
export function Syncs({ envId, platform }: { envId: number; platform: string }) {
  const { data: syncs, error, refetch } = useQuery(syncsQuery(envId, platform));
  const label = `Last synchronisations of ${cloudName(platform)}`;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {label}
      </Title>
      <ErrorNotice error={error} retry={() => void refetch()} />
      {syncs && (
        <DataTable
          label={label}
          columns={COLUMNS}
          rowCount={syncs.length}
          rowAt={(index) => syncs[index]}
          rowKey={(row) => row.id}
          empty={<Empty title="This cloud was never read">Press “Sync now” above.</Empty>}
        />
      )}
    </Stack>
  );
}

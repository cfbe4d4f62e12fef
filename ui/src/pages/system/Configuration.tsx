import { Code, Stack, Text } from '@mantine/core';

import type { Schemas } from '../../api/client';
import type { System } from '../../api/system';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';

const COLUMNS: Column<Schemas['ConfigurationValue']>[] = [
  { id: 'key', label: 'Key', text: (row) => row.key, cell: (row) => <span className="mono">{row.key}</span> },
  {
    id: 'value',
    label: 'Value',
    text: (row) => row.value,
    cell: (row) => (row.value ? <span className="mono">{row.value}</span> : 'not set'),
  },
  { id: 'source', label: 'Source', text: (row) => row.source, cell: (row) => row.source },
];

/** Every value, and where it comes from. */
export function Configuration({ system }: { system: System }) {
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Read by the server from flags, environment variables, its file, the legacy file, and defaults; the
        first that has a key gives its value. Change the file on the server, then run{' '}
        <Code>stackyard admin reconfigure</Code>.
      </Text>
      <DataTable
        label="Configuration"
        columns={COLUMNS}
        rowCount={system.configuration.length}
        rowAt={(index) => system.configuration[index]}
        rowKey={(row) => row.key}
        empty={<Empty title="The server tells no configuration" />}
      />
    </Stack>
  );
}

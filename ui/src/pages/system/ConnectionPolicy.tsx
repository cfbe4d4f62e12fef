import { Code, Stack, Text, Title } from '@mantine/core';

import type { System } from '../../api/system';
import { type Column, DataTable } from '../../parts/DataTable';

const KEY = 'instances_connection_policy';
const PLATFORMS = [
  { name: 'OpenStack', key: `openstack.${KEY}` },
  { name: 'VMware vSphere', key: `vmware.${KEY}` },
];
const POLICIES = [
  ['public', 'the public address, never another', 'Every server has a public address.'],
  [
    'local',
    'the private address, never another',
    'All servers are in the network of the control plane, or it has routes to all the networks they are in.',
  ],
  ['auto', 'the public address where there is one, else the private one', 'Servers of both kinds.'],
] as const;

type Policy = { name: string; value: string; source: string };
const COLUMNS: Column<Policy>[] = [
  { id: 'name', label: 'For', cell: (row) => row.name },
  { id: 'value', label: 'Policy', cell: (row) => <span className="mono">{row.value}</span> },
  { id: 'source', label: 'Source', text: (row) => row.source, cell: (row) => row.source },
];

/** Which address of a server the control plane connects to, as configured. */
export function ConnectionPolicy({ system }: { system: System }) {
  const find = (key: string) => system.configuration.find((it) => it.key === key);
  const all = find(KEY);
  const rows: Policy[] = [
    { name: 'all platforms', value: all?.value ?? '', source: all?.source ?? '' },
    ...PLATFORMS.map(({ name, key }) => {
      const own = find(key);
      return own?.value
        ? { name, value: own.value, source: own.source }
        : { name, value: all?.value ?? '', source: 'as for all platforms' };
    }),
  ];
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h4">
          Policy in force
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          When the control plane connects to a server, the policy of the platform chooses one of its
          addresses. A policy of one platform wins over the one for all.
        </Text>
        <DataTable
          label="Policy in force"
          columns={COLUMNS}
          rowCount={rows.length}
          rowAt={(index) => rows[index]}
          rowKey={(row) => row.name}
          empty={null}
        />
      </div>
      <div>
        <Title order={2} size="h4" mb="xs">
          What each policy chooses
        </Title>
        <dl className="facts">
          {POLICIES.map(([name, chooses, fits]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt className="mono">{name}</dt>
              <dd>
                Chooses {chooses}. Fits: {fits}
              </dd>
            </div>
          ))}
        </dl>
        <Text size="sm" mt="sm">
          A floating IP is public, whatever its range. Other addresses are private in 10.0.0.0/8,
          172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fc00::/7 and in <Code>private_networks</Code>, and
          public elsewhere.
        </Text>
      </div>
      <Text size="sm" c="dimmed">
        The policy is configured on the server: set <Code>{KEY}</Code> in its file, for one platform in the
        section <Code>[openstack]</Code> or <Code>[vmware]</Code>, then run{' '}
        <Code>stackyard admin reconfigure</Code>. No restart is needed.
      </Text>
    </Stack>
  );
}

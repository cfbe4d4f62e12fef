import { Code, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';

import type { System } from '../../api/system';
import { Copy } from '../../parts/Copy';
import { type Column, DataTable } from '../../parts/DataTable';

const KEY = 'instances_connection_policy';
const PLATFORMS = [
  { name: 'OpenStack', section: 'openstack', key: `openstack.${KEY}` },
  { name: 'VMware vSphere', section: 'vmware', key: `vmware.${KEY}` },
];
const POLICIES = [
  ['public', 'the public address, never another', 'Every server has a public address.'],
  [
    'local',
    'the private address, never another',
    'All servers are in the network of the control plane, or it has routing, peering or a VPN to all the networks they are in.',
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
      <Change />
    </Stack>
  );
}

/** Only on the server itself: whoever can log in here must not choose where the control plane connects to. */
function Change() {
  const [platform, setPlatform] = useState('openstack');
  const toml = `[${platform}]\n${KEY} = "local"   # or "public", "auto"\n`;
  const legacy = `app[:configuration] = {\n  "scalr" => {\n    "${platform}" => {\n      "${KEY}" => "local"\n    }\n  }\n}\n`;
  return (
    <Stack component="section" gap="sm" aria-label="How to change it">
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h4">
          How to change it
        </Title>
        <SegmentedControl
          aria-label="Platform to configure"
          data={PLATFORMS.map((it) => ({ value: it.section, label: it.name }))}
          value={platform}
          onChange={setPlatform}
        />
      </Group>
      <Text size="sm">
        On the server, write one of the two, not both. In the configuration of Stackyard,{' '}
        <Code>/etc/stackyard/stackyard.toml</Code>:
      </Text>
      <Snippet text={toml} what="the lines for stackyard.toml" />
      <Text size="sm">
        Or in <Code>/etc/scalr-server/scalr-server.rb</Code>, where there is one. Merge this entry into the{' '}
        <Code>app[:configuration]</Code> that is there already: a second one would replace the first. TOML
        wins where both have a value.
      </Text>
      <Snippet text={legacy} what="the entry for scalr-server.rb" />
      <Text size="sm">
        Then apply it. No restart is needed, and a wrong value changes nothing. <Code>scalr-server-ctl</Code>{' '}
        is the same program, where it is linked by that name.
      </Text>
      <Snippet text="sudo stackyard admin reconfigure" what="the command" />
    </Stack>
  );
}

function Snippet({ text, what }: { text: string; what: string }) {
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap">
      <Code
        block
        tabIndex={0}
        role="region"
        aria-label={`Text of ${what}`}
        style={{ flex: 1, overflow: 'auto' }}
      >
        {text}
      </Code>
      <Copy value={text} what={what} />
    </Group>
  );
}

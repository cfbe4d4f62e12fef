import { Badge, Button, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { type CatalogEntry, firewallRules, wholeCatalogQuery } from '../../api/catalog';
import { useScope } from '../../api/scope';
import { Copy } from '../../parts/Copy';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { CredentialSection } from './CredentialSection';

const COLUMNS: Column<CatalogEntry>[] = [
  { id: 'region', label: 'Region', cell: (row) => row.region ?? '–' },
  { id: 'service', label: 'Service', cell: (row) => row.service },
  { id: 'type', label: 'Type', cell: (row) => row.serviceType },
  { id: 'interface', label: 'Interface', cell: (row) => row.interface ?? '–' },
  {
    id: 'url',
    label: 'URL',
    text: (row) => row.url,
    cell: (row) => <span className="mono">{row.url}</span>,
  },
  { id: 'host', label: 'Host', text: (row) => row.host, cell: (row) => row.host },
  { id: 'port', label: 'Port', isNumber: true, cell: (row) => row.port },
  { id: 'default', label: 'Default port', cell: (row) => (row.isDefaultPort ? 'yes' : <OtherPort />) },
  { id: 'used', label: 'Used', cell: (row) => (row.isUsed ? 'yes' : 'no') },
];

function OtherPort() {
  return (
    <Badge
      color="orange"
      variant="light"
      radius="sm"
      tt="none"
      c="var(--mantine-color-text)"
      miw="max-content"
    >
      no, another
    </Badge>
  );
}

/** Where the control plane connects to, what a firewall has to let through, and all else the catalog names. */
export function CredentialEndpoints({ id }: { id: string }) {
  const { data, error, isPending, isFetching, refetch } = useQuery(wholeCatalogQuery(useScope(), id));
  if (isPending) return <Loader aria-label="Asking the cloud for its catalog" />;
  if (error)
    return <ErrorNotice error={error} retry={() => void refetch()} title="The cloud cannot be asked" />;
  const rows = [...data.filter((it) => it.isUsed), ...data.filter((it) => !it.isUsed)];
  const rules = firewallRules(data);
  const asText = rules
    .map((it) => `TCP\tcontrol plane\t${it.host}:${it.port}\t${it.services.join(', ')}`)
    .join('\n');
  return (
    <Stack>
      <CredentialSection title="Firewall rules" actions={<Copy value={asText} what="the firewall rules" />}>
        <Text size="sm" c="dimmed">
          All TCP, from the control plane to the cloud. Managed servers need none of these: they never receive
          cloud credentials.
        </Text>
        <div className="table-box" tabIndex={0} role="region" aria-label="Table of firewall rules">
          <table>
            <thead>
              <tr>
                <th scope="col">To</th>
                <th scope="col">Services</th>
                <th scope="col">Protocol</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {rules.map((it) => (
                <tr key={`${it.host}:${it.port}`}>
                  <td className="mono">
                    {it.host}:{it.port}
                  </td>
                  <td>{it.services.join(', ')}</td>
                  <td>TCP</td>
                  <td>control plane</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </CredentialSection>
      <CredentialSection
        title="Endpoints of the cloud"
        actions={
          <Button size="xs" variant="default" loading={isFetching} onClick={() => void refetch()}>
            Ask again
          </Button>
        }
      >
        <Text size="sm" c="dimmed">
          Those in use come first. The others are in the catalog, and nothing connects to them.
        </Text>
        <DataTable
          label="Table of endpoints"
          columns={COLUMNS}
          rowCount={rows.length}
          rowAt={(index) => rows[index]}
          rowKey={(row) => `${row.region} ${row.serviceType} ${row.interface} ${row.url}`}
          empty={<Empty title="The cloud names no endpoints" />}
        />
      </CredentialSection>
    </Stack>
  );
}

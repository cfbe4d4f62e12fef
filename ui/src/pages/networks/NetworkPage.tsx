import { Card, Loader, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import {
  deleteNetwork,
  networkQuery,
  type NetworkPart,
  type NetworkRule,
  type PrivateNetwork,
} from '../../api/networks';
import { environmentId, useScope } from '../../api/scope';
import { ChangeNetwork } from '../../forms/network-change';
import { portsText } from '../../forms/network-values';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Fact, Id } from '../../parts/Fact';
import { FailureNotice } from '../../parts/FailureNotice';
import { Page } from '../../parts/Page';
import { ServerStatus } from '../../parts/Status';
import { TableSection } from '../../parts/TableSection';
import { When } from '../../parts/When';
import { usePlaceName } from '../images/names';
import { useNames } from '../inventory/useNames';
import { UsedBy } from '../servers/UsedBy';
import { BECOMES } from '../volumes/becomes';

/** One private network: what it lets in, what it is made of, and who is on it. */
export function NetworkPage() {
  const envId = environmentId(useScope());
  const { networkId } = useParams({ from: '/in/$scope/networks/$networkId' });
  const { data: network, error, isPending, refetch } = useQuery(networkQuery(envId, networkId));
  const queries = useQueryClient();
  if (!network || isGone(error))
    return (
      <Page title="Private network">
        {isPending && <Loader role="status" aria-label="Loading the private network" />}
        <ErrorNotice error={error} retry={() => void refetch()} />
      </Page>
    );
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: ['networks'] });
    notifications.show({ message: `Private network ${network.name} ${message}.` });
  };
  return (
    <Page
      title={network.name}
      state={<ServerStatus value={network.status} />}
      hint={
        <>
          Private network {network.cidr}. Status changed <When at={network.statusSince} />
        </>
      }
      actions={
        !['deleting', 'deleted'].includes(network.status) && (
          <>
            <ChangeNetwork
              key={JSON.stringify([network.rules, network.dnsServers])}
              envId={envId}
              network={network}
              done={() => done('is being changed')}
            />
            <Confirm
              size="sm"
              label="Delete"
              question={`Delete the private network ${network.name}?`}
              act={() => deleteNetwork(envId, network.id)}
              done={() => done('is being deleted')}
            >
              Network, subnet, security group and router are removed from the cloud. One that servers are on
              is not deleted.
            </Confirm>
          </>
        )
      }
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      {network.failure && <FailureNotice name={network.name} failure={network.failure} becomes={BECOMES} />}
      <TableSection
        title="Rules"
        rows={network.rules}
        rowKey={(row) => JSON.stringify(row)}
        columns={RULES}
        empty={
          <Empty title="Nobody may send anything">
            Servers on it reach others, and nobody reaches them. Add rules for those who may.
          </Empty>
        }
      />
      <TableSection
        title="Parts in the cloud"
        rows={network.parts}
        rowKey={(row) => `${row.kind} ${row.id}`}
        columns={PARTS}
        empty={<Empty title="Nothing of it is in the cloud">Each part is listed here as it is made.</Empty>}
      />
      <Card withBorder component="section" aria-label="Facts">
        <Title order={2} size="h4" mb="sm">
          Facts
        </Title>
        <Facts network={network} />
      </Card>
    </Page>
  );
}

const RULES: Column<NetworkRule>[] = [
  { id: 'protocol', label: 'Protocol', cell: (row) => row.protocol.toUpperCase() },
  {
    id: 'ports',
    label: 'Ports',
    cell: (row) => portsText(row) || (row.protocol === 'icmp' ? '–' : 'all'),
  },
  { id: 'from', label: 'From', cell: (row) => <span className="mono">{row.from}</span> },
];

const KINDS: Record<string, string> = {
  network: 'Network',
  subnet: 'Subnet',
  securityGroup: 'Security group',
  router: 'Router',
};
const PARTS: Column<NetworkPart>[] = [
  { id: 'kind', label: 'Part', cell: (row) => KINDS[row.kind] ?? row.kind },
  {
    id: 'id',
    label: 'ID in the cloud',
    cell: (row) => (
      <Id value={row.id} what={`the ID of the ${(KINDS[row.kind] ?? row.kind).toLowerCase()}`} />
    ),
  },
  { id: 'status', label: 'The cloud says', cell: (row) => row.status ?? '–' },
];

function Facts({ network }: { network: PrivateNetwork }) {
  const scope = useScope();
  const placeName = usePlaceName(scope);
  const { cloudPlatform, cloudLocation, externalNetwork } = network;
  const nameOf = useNames({ envId: environmentId(scope), cloudPlatform, cloudLocation }, ['networks']);
  return (
    <dl className="facts">
      <Fact name="Used by">
        <UsedBy servers={network.usedBy} />
      </Fact>
      <Fact name="Addresses">
        <span className="mono">{network.cidr}</span>
      </Fact>
      <Fact name="Cloud">{placeName(network)}</Fact>
      <Fact name="External network">
        {externalNetwork ? (nameOf(externalNetwork.id) ?? externalNetwork.id) : 'none: nothing leads outside'}
      </Fact>
      <Fact name="DNS servers">{network.dnsServers.join(', ') || 'the cloud’s own'}</Fact>
      <Fact name="ID">
        <Id value={network.id} what="the ID" />
      </Fact>
      <Fact name="Created by">{network.createdBy.email ?? network.createdBy.id}</Fact>
      <Fact name="Added">
        <When at={network.added} />
      </Fact>
      {network.deleted && (
        <Fact name="Deleted">
          <When at={network.deleted} />
        </Fact>
      )}
      <Fact name="Cloud last asked">
        <When at={network.observedAt} />
      </Fact>
    </dl>
  );
}

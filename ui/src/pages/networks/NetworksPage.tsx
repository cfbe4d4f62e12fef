import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { cloudsQuery } from '../../api/clouds';
import { networksQuery, type PrivateNetwork } from '../../api/networks';
import { scopeSegment, useScope } from '../../api/scope';
import { CreateNetwork } from '../../forms/network-create';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { useAssetColumns } from '../assets/columns';
import { NeedsOpenstack } from '../clouds/NeedsOpenstack';
import { OnlyInEnvironments } from '../inventory/OnlyInEnvironments';
import { nOf } from '../inventory/units';
import { UsedBy, usedByText } from '../servers/UsedBy';

/** The private networks of an environment. */
export function NetworksPage() {
  const scope = useScope();
  return scope.kind === 'environment' ? (
    <Networks envId={scope.id} />
  ) : (
    <OnlyInEnvironments title="Private networks" to="/$scope/networks">
      A private network is made in a cloud that is linked to an environment.
    </OnlyInEnvironments>
  );
}

function Networks({ envId }: { envId: number }) {
  const scope = useScope();
  const list = useQuery(networksQuery(envId));
  const links = useQuery(cloudsQuery(envId));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const segment = scopeSegment(scope);
  const isLinked = links.data?.some((it) => it.cloud === 'openstack');
  const open = ({ id }: PrivateNetwork) => {
    void queries.invalidateQueries({ queryKey: ['networks'] });
    void navigate({ to: '/$scope/networks/$networkId', params: { scope: segment, networkId: id } });
  };
  const { first, last } = useAssetColumns<PrivateNetwork>({
    to: '/$scope/networks/$networkId',
    param: 'networkId',
  });
  const columns: Column<PrivateNetwork>[] = [
    ...first,
    {
      id: 'cidr',
      label: 'Addresses',
      sort: 'cidr',
      text: (row) => row.cidr,
      cell: (row) => <span className="mono">{row.cidr}</span>,
    },
    { id: 'rules', label: 'Lets in', cell: (row) => nOf(row.rules.length, 'rule') },
    {
      id: 'usedBy',
      label: 'Used by',
      text: (row) => usedByText(row.usedBy),
      cell: (row) => <UsedBy servers={row.usedBy} />,
    },
    ...last,
  ];
  const create = isLinked && (
    <CreateNetwork envId={envId} done={open} leftSection={<IconPlus size={16} aria-hidden />} />
  );
  return (
    <ListPage
      title="Private networks"
      hint="Networks in OpenStack with subnet, security group and router, made and removed as one."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => row.id}
      words={(row) => [row.name, row.status, row.cidr, usedByText(row.usedBy), row.createdBy.email]}
      empty={
        isLinked === false ? (
          <NeedsOpenstack envId={envId}>Private networks are made in OpenStack.</NeedsOpenstack>
        ) : (
          <Empty title="No private networks yet" action={create}>
            Make one, then choose it for the farm roles of a farm, with the security group that is made with
            it.
          </Empty>
        )
      }
    />
  );
}

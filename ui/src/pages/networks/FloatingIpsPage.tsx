import { notifications } from '@mantine/notifications';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { cloudsQuery } from '../../api/clouds';
import { deleteFloatingIp, type FloatingIp, floatingIpsQuery } from '../../api/floating-ips';
import { useScope } from '../../api/scope';
import { CreateFloatingIp } from '../../forms/floating-ip-create';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { useAssetColumns } from '../assets/columns';
import { NeedsOpenstack } from '../clouds/NeedsOpenstack';
import { OnlyInEnvironments } from '../inventory/OnlyInEnvironments';
import { UsedBy, usedByText } from '../servers/UsedBy';

/** The floating IPs of an environment that stay when servers go. */
export function FloatingIpsPage() {
  const scope = useScope();
  return scope.kind === 'environment' ? (
    <FloatingIps envId={scope.id} />
  ) : (
    <OnlyInEnvironments title="Floating IPs" to="/$scope/floating-ips">
      A floating IP is made in a cloud that is linked to an environment.
    </OnlyInEnvironments>
  );
}

function FloatingIps({ envId }: { envId: number }) {
  const list = useQuery(floatingIpsQuery(envId));
  const links = useQuery(cloudsQuery(envId));
  const queries = useQueryClient();
  const isLinked = links.data?.some((it) => it.cloud === 'openstack');
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: ['floating-ips'] });
    notifications.show({ message });
  };
  const { first, last } = useAssetColumns<FloatingIp>();
  const columns: Column<FloatingIp>[] = [
    ...first,
    {
      id: 'address',
      label: 'Address',
      text: (row) => row.address ?? '',
      cell: (row) => <span className="mono">{row.address ?? '–'}</span>,
    },
    {
      id: 'usedBy',
      label: 'Leads to',
      text: (row) => usedByText(row.usedBy),
      cell: (row) => <UsedBy servers={row.usedBy} />,
    },
    ...last,
    {
      id: 'actions',
      label: 'Actions',
      cell: (row) =>
        !['deleting', 'deleted'].includes(row.status) && (
          <Confirm
            label="Release"
            aria-label={`Release ${row.name}`}
            question={`Release the floating IP ${row.name}?`}
            act={() => deleteFloatingIp(envId, row.id)}
            done={() => done(`Floating IP ${row.name} is being released.`)}
          >
            {row.address ?? 'Its address'} may be somebody else’s then. One that leads to a server is not
            released.
          </Confirm>
        ),
    },
  ];
  const create = isLinked && (
    <CreateFloatingIp
      envId={envId}
      done={({ name }) => done(`Floating IP ${name} is being created.`)}
      leftSection={<IconPlus size={16} aria-hidden />}
    />
  );
  return (
    <ListPage
      title="Floating IPs"
      hint="Addresses of external networks in OpenStack that stay when servers go. A server’s page gives it one."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => row.id}
      words={(row) => [row.name, row.status, row.address, usedByText(row.usedBy), row.createdBy.email]}
      empty={
        isLinked === false ? (
          <NeedsOpenstack envId={envId}>Floating IPs are made in OpenStack.</NeedsOpenstack>
        ) : (
          <Empty title="No floating IPs yet" action={create}>
            Make one, then give it to a server on the server’s page. Those that go with a server are shown
            there.
          </Empty>
        )
      }
    />
  );
}

import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { cloudsQuery } from '../../api/clouds';
import { scopeSegment, useScope } from '../../api/scope';
import { type Volume, volumesQuery } from '../../api/volumes';
import { CreateVolume } from '../../forms/volume-create';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { useAssetColumns } from '../assets/columns';
import { NeedsOpenstack } from '../clouds/NeedsOpenstack';
import { OnlyInEnvironments } from '../inventory/OnlyInEnvironments';
import { gib } from '../inventory/units';
import { UsedBy, usedByText } from '../servers/UsedBy';

/** The volumes that an environment keeps. */
export function VolumesPage() {
  const scope = useScope();
  return scope.kind === 'environment' ? (
    <Volumes envId={scope.id} />
  ) : (
    <OnlyInEnvironments title="Volumes" to="/$scope/volumes">
      A volume is made in a cloud that is linked to an environment.
    </OnlyInEnvironments>
  );
}

function Volumes({ envId }: { envId: number }) {
  const scope = useScope();
  const list = useQuery(volumesQuery(envId));
  const links = useQuery(cloudsQuery(envId));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const segment = scopeSegment(scope);
  const isLinked = links.data?.some((it) => it.cloud === 'openstack');
  const open = ({ id }: Volume) => {
    void queries.invalidateQueries({ queryKey: ['volumes'] });
    void navigate({ to: '/$scope/volumes/$volumeId', params: { scope: segment, volumeId: id } });
  };
  const { first, last } = useAssetColumns<Volume>({ to: '/$scope/volumes/$volumeId', param: 'volumeId' });
  const columns: Column<Volume>[] = [
    ...first,
    {
      id: 'size',
      label: 'Size',
      sort: 'size',
      isNumber: true,
      // The order is by this text, and digits in it count as numbers.
      text: (row) => `${row.sizeGib} GiB`,
      cell: (row) => gib(row.sizeGib),
    },
    {
      id: 'attachedTo',
      label: 'Attached to',
      text: (row) => usedByText(row.attachedTo),
      cell: (row) => <UsedBy servers={row.attachedTo} />,
    },
    ...last,
  ];
  const create = isLinked && (
    <CreateVolume envId={envId} done={open} leftSection={<IconPlus size={16} aria-hidden />} />
  );
  return (
    <ListPage
      title="Volumes"
      hint="Disks in OpenStack that stay whatever becomes of the servers that use them."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => row.id}
      words={(row) => [row.name, row.status, usedByText(row.attachedTo), row.createdBy.email]}
      empty={
        isLinked === false ? (
          <NeedsOpenstack envId={envId}>Volumes are disks of OpenStack.</NeedsOpenstack>
        ) : (
          <Empty title="No volumes yet" action={create}>
            Make one, then attach it on the page of a server, under Storage and addresses. What is on it stays
            when the server goes.
          </Empty>
        )
      }
    />
  );
}

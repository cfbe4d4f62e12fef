import { Anchor } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { type Farm, farmsQuery, readAnew } from '../../api/farms';
import { scopeSegment, useScope } from '../../api/scope';
import { FarmForm } from '../../forms/farm-edit';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { ServerStatus } from '../../parts/Status';
import { When } from '../../parts/When';
import { OnlyInEnvironments } from '../inventory/OnlyInEnvironments';
import { serversByStatus } from './counts';

/** The farms of an environment. */
export function FarmsPage() {
  const scope = useScope();
  return scope.kind === 'environment' ? (
    <Farms envId={scope.id} />
  ) : (
    <OnlyInEnvironments title="Farms" to="/$scope/farms">
      A farm is made of the clouds that are linked to an environment.
    </OnlyInEnvironments>
  );
}

function Farms({ envId }: { envId: number }) {
  const list = useQuery(farmsQuery(envId));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const scope = scopeSegment({ kind: 'environment', id: envId });
  const open = (farm: Farm) => {
    void readAnew(queries);
    void navigate({ to: '/$scope/farms/$farmId', params: { scope, farmId: String(farm.id) } });
  };
  const columns: Column<Farm>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
      cell: (row) => (
        <Anchor
          component={Link}
          to="/$scope/farms/$farmId"
          params={{ scope, farmId: String(row.id) } as never}
          size="sm"
        >
          {row.name}
        </Anchor>
      ),
    },
    {
      id: 'status',
      label: 'Status',
      sort: 'status',
      text: (row) => row.status ?? '',
      cell: (row) => <ServerStatus value={row.status ?? ''} />,
    },
    {
      id: 'servers',
      label: 'Servers',
      text: (row) => serversByStatus(row),
      cell: (row) => serversByStatus(row) || 'none',
    },
    {
      id: 'launchOrder',
      label: 'Launch order',
      sort: 'launchOrder',
      text: (row) => row.launchOrder ?? '',
      cell: (row) => row.launchOrder,
    },
    {
      id: 'owner',
      label: 'Owner',
      sort: 'owner',
      text: (row) => row.owner?.email ?? '',
      cell: (row) => row.owner?.email ?? '–',
    },
    {
      id: 'added',
      label: 'Added',
      sort: 'added',
      text: (row) => row.added ?? '',
      cell: (row) => <When at={row.added} />,
    },
  ];
  const create = <FarmForm envId={envId} done={open} leftSection={<IconPlus size={16} aria-hidden />} />;
  return (
    <ListPage
      title="Farms"
      hint="A farm is an application: you say which servers it has, and Stackyard brings them about and keeps them."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => String(row.id)}
      words={(row) => [row.name, row.status, row.description, row.owner?.email]}
      empty={
        <Empty title="No farms yet" action={create}>
          Make one, add a farm role for each of its tiers, and launch it: its servers then appear in your
          clouds.
        </Empty>
      }
    />
  );
}

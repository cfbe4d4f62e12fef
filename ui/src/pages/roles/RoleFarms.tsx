import { Anchor, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { farmsOfRoleQuery } from '../../api/farms';
import { scopeSegment } from '../../api/scope';
import { Empty } from '../../parts/Empty';
import { Rows } from '../../parts/Rows';
import { ServerStatus } from '../../parts/Status';
import { serversByStatus } from '../farms/counts';

/** The farms of an environment that have a farm role of it. */
export function RoleFarms({ envId, roleId }: { envId: number; roleId: number }) {
  const farms = useQuery(farmsOfRoleQuery(envId, roleId));
  const scope = scopeSegment({ kind: 'environment', id: envId });
  return (
    <Stack gap="xs" component="section" aria-label="Farms that use it">
      <Title order={2} size="h4">
        Farms that use it
      </Title>
      <Rows
        label="Farms that use it"
        list={farms}
        rowKey={(row) => String(row.id)}
        empty={
          <Empty title="No farm uses it">A farm role of a farm says which role its servers are of.</Empty>
        }
        columns={[
          {
            id: 'name',
            label: 'Farm',
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
          { id: 'status', label: 'Status', cell: (row) => <ServerStatus value={row.status ?? ''} /> },
          { id: 'servers', label: 'Servers', cell: (row) => serversByStatus(row) || 'none' },
        ]}
      />
    </Stack>
  );
}

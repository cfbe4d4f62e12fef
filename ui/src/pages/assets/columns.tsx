import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { sentence } from '../../api/client';
import type { FloatingIp } from '../../api/floating-ips';
import type { PrivateNetwork } from '../../api/networks';
import { scopeSegment, useScope } from '../../api/scope';
import type { SecurityGroup } from '../../api/security-groups';
import type { Volume } from '../../api/volumes';
import type { Column } from '../../parts/DataTable';
import { ServerStatus } from '../../parts/Status';
import { When } from '../../parts/When';
import { useLocationName } from '../images/names';

/** What an environment has in a cloud besides servers. */
type Asset = Volume | PrivateNetwork | SecurityGroup | FloatingIp;
/** The path of one's page, and what its id is called there. */
type PageOf = { to: string; param: string };

/** The columns that lists of these begin and end with. Without a page of its own, the list says what to do about a failure. */
export function useAssetColumns<T extends Asset>(page?: PageOf): Record<'first' | 'last', Column<T>[]> {
  const scope = useScope();
  const locationName = useLocationName(scope);
  const params = (row: T, { param }: PageOf) => ({ scope: scopeSegment(scope), [param]: row.id }) as never;
  const failure = ({ failure }: T) => {
    if (!failure) return 'none';
    return [failure.summary, ...(page ? [] : failure.nextSteps)].map(sentence).join(' ');
  };
  const first: Column<T>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name,
      cell: (row) =>
        page ? (
          <Anchor component={Link} to={page.to} params={params(row, page)} size="sm">
            {row.name}
          </Anchor>
        ) : (
          row.name
        ),
    },
    {
      id: 'status',
      label: 'Status',
      sort: 'status',
      text: (row) => row.status,
      cell: (row) => <ServerStatus value={row.status} />,
    },
  ];
  const last: Column<T>[] = [
    {
      id: 'failure',
      label: 'Failure',
      text: (row) => [row.failure?.summary, ...(row.failure?.evidence ?? [])].filter(Boolean).join('; '),
      cell: failure,
    },
    { id: 'location', label: 'Location', text: locationName, cell: locationName },
    {
      id: 'createdBy',
      label: 'Created by',
      text: (row) => row.createdBy.email ?? '',
      cell: (row) => row.createdBy.email ?? row.createdBy.id,
    },
    {
      id: 'added',
      label: 'Added',
      sort: 'added',
      text: (row) => row.added,
      cell: (row) => <When at={row.added} />,
    },
  ];
  return { first, last };
}

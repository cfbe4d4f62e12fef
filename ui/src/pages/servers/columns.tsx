import { Anchor, Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { sentence } from '../../api/client';
import { locationsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { farmRolesQuery, farmsQuery } from '../../api/farms';
import { scopeSegment } from '../../api/scope';
import type { Server } from '../../api/servers';
import type { Column } from '../../parts/DataTable';
import { When } from '../../parts/When';
import { serverName } from './names';
import { ServerLink } from './ServerLink';
import { State } from './State';

type Selection = { has: (id: string) => boolean; toggle: (server: Server) => void };

export function columns(envId: number, selection: Selection): Column<Server>[] {
  return [
    {
      id: 'select',
      label: 'Select',
      cell: (row) => (
        <Checkbox
          size="xs"
          aria-label={`Select ${serverName(row)}`}
          checked={selection.has(row.id)}
          disabled={row.status === 'terminated'}
          onChange={() => selection.toggle(row)}
        />
      ),
    },
    { id: 'name', label: 'Name', text: serverName, cell: (row) => <ServerLink server={row} /> },
    { id: 'status', label: 'Status', sort: 'status', cell: (row) => <State server={row} /> },
    {
      id: 'failure',
      label: 'Failure',
      text: (row) => row.failure?.summary ?? '',
      cell: (row) => (row.failure ? sentence(row.failure.summary) : 'none'),
    },
    { id: 'farm', label: 'Farm', sort: 'farm', cell: (row) => <FarmLink envId={envId} id={row.farm.id} /> },
    { id: 'tier', label: 'Farm role', sort: 'farmRole', cell: (row) => <Alias envId={envId} server={row} /> },
    { id: 'index', label: 'Index', sort: 'index', isNumber: true, cell: (row) => row.index },
    { id: 'cloud', label: 'Cloud', cell: (row) => cloudName(row.cloudPlatform) },
    { id: 'location', label: 'Location', cell: (row) => <Location envId={envId} server={row} /> },
    {
      id: 'address',
      label: 'Address',
      text: (row) => row.connectionAddress ?? row.noAddressBecause ?? '',
      cell: (row) => (row.connectionAddress ? <span className="mono">{row.connectionAddress}</span> : '–'),
    },
    { id: 'since', label: 'Since', cell: (row) => <When at={row.statusSince} /> },
  ];
}

// The names come from lists that all rows share. Where a list may not be read, the id stands for the name.

function FarmLink({ envId, id }: { envId: number; id: number }) {
  const farm = useQuery(farmsQuery(envId)).data?.find((it) => it.id === id);
  return (
    <Anchor
      component={Link}
      to="/$scope/farms/$farmId"
      params={{ scope: scopeSegment({ kind: 'environment', id: envId }), farmId: String(id) } as never}
      size="sm"
    >
      {farm?.name ?? id}
    </Anchor>
  );
}

function Alias({ envId, server }: { envId: number; server: Server }) {
  const tiers = useQuery(farmRolesQuery(envId, server.farm.id)).data;
  return tiers?.find((it) => it.id === server.farmRole.id)?.alias ?? server.farmRole.id;
}

function Location({ envId, server }: { envId: number; server: Server }) {
  const locations = useQuery(locationsQuery(envId, server.cloudPlatform)).data;
  return locations?.find((it) => it.cloudLocation === server.cloudLocation)?.name ?? server.cloudLocation;
}

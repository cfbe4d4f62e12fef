import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import type { AuditEntry } from '../../api/audit';
import type { CurrentSession } from '../../api/session';
import type { Column } from '../../parts/DataTable';
import { When } from '../../parts/When';

export const columns = (environments: CurrentSession['environments']): Column<AuditEntry>[] => [
  {
    id: 'seq',
    label: 'Row',
    isNumber: true,
    cell: (row) => (
      <Anchor
        component={Link}
        to="."
        search={((old: object) => ({ ...old, row: String(row.seq) })) as never}
        resetScroll={false}
        preload={false}
        size="sm"
        aria-label={`Details of row ${row.seq}`}
      >
        {row.seq}
      </Anchor>
    ),
  },
  { id: 'at', label: 'When', cell: (row) => <When at={row.at} /> },
  { id: 'actor', label: 'Who', text: (row) => row.actorName, cell: (row) => row.actorName },
  {
    id: 'action',
    label: 'Action',
    text: (row) => row.action,
    cell: (row) => <span className="mono">{row.action}</span>,
  },
  {
    id: 'object',
    label: 'Object',
    text: (row) => `${row.objectName} (${row.objectId})`,
    cell: (row) => row.objectName || row.objectId,
  },
  {
    id: 'environment',
    label: 'Environment',
    // One that was deleted has no name any more.
    cell: (row) => environments.find((it) => it.id === row.environmentId)?.name ?? row.environmentId ?? '–',
  },
  { id: 'address', label: 'From', text: (row) => row.remoteAddress, cell: (row) => row.remoteAddress || '–' },
];

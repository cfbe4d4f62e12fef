import { Anchor, Badge, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { cloudName } from '../../api/clouds-names';
import type { CredentialSummary } from '../../api/cloud-credentials';
import { type Scope, scopeSegment } from '../../api/scope';
import type { Column } from '../../parts/DataTable';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

export function columnsOf(scope: Scope): Column<CredentialSummary>[] {
  const usedBy = (row: CredentialSummary) =>
    row.usedBy.map((it) => (scope.kind === 'global' ? `${it.accountName}: ${it.name}` : it.name));
  return [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name,
      cell: (row) => (
        <Anchor
          component={Link}
          to="/$scope/credentials/$credentialId"
          params={{ scope: scopeSegment(scope), credentialId: row.id } as never}
          size="sm"
          fw={500}
        >
          {row.name}
        </Anchor>
      ),
    },
    {
      id: 'cloud',
      label: 'Cloud',
      text: (row) => cloudName(row.provider),
      cell: (row) => cloudName(row.provider),
    },
    {
      id: 'scope',
      label: 'Scope',
      text: (row) => (isForeign(row, scope) ? 'Scalr scope: read-only from here' : row.scope),
      cell: (row) =>
        row.scope === 'account' ? (
          'Account'
        ) : (
          <Badge variant="light" color="grape" radius="sm" tt="none" miw="max-content">
            {isForeign(row, scope) ? 'Scalr, read-only here' : 'Scalr'}
          </Badge>
        ),
    },
    {
      id: 'status',
      label: 'Status',
      sort: 'status',
      text: (row) => row.status,
      cell: (row) => <Status value={row.status} />,
    },
    {
      id: 'usedBy',
      label: 'Used by',
      text: (row) => usedBy(row).join(', '),
      cell: (row) => usedBy(row).join(', ') || 'No environment',
    },
    {
      id: 'lastValidation',
      label: 'Last validation',
      text: (row) => row.lastValidation?.status ?? 'never',
      cell: ({ lastValidation }) =>
        lastValidation ? (
          <Group gap={8} wrap="nowrap">
            <Status value={lastValidation.status} />
            <When at={lastValidation.endedAt ?? lastValidation.startedAt} />
          </Group>
        ) : (
          'Never'
        ),
    },
    {
      id: 'cache',
      label: 'Age of cache',
      cell: ({ cache }) => <When at={cache?.oldestObservedAt} none="not read yet" />,
    },
  ];
}

const isForeign = (row: CredentialSummary, scope: Scope) => row.scope === 'scalr' && scope.kind !== 'global';

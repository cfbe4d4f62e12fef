import { Anchor, Group, Loader, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { environmentTeamsQuery, teamRolesQuery, withholdAccess } from '../../api/environments';
import { accountId, scopeSegment, useScope } from '../../api/scope';
import { GrantTeam } from '../../forms/environment-team-grant';
import { Confirm } from '../../parts/Confirm';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';

type Row = { id: number; name: string; role: string; isOwnRole: boolean };

/** Who works in an environment: its teams, and the ACL role they have there. */
export function EnvironmentTeams({ envId }: { envId: number }) {
  const scope = useScope();
  const queries = useQueryClient();
  const account = accountId(scope);
  const granted = useQuery(environmentTeamsQuery(account, envId));
  const known = useQuery(teamRolesQuery(account));
  const error = granted.error ?? known.error;
  if (error)
    return (
      <ErrorNotice
        error={error}
        retry={() => {
          void granted.refetch();
          void known.refetch();
        }}
      />
    );
  if (!granted.data || !known.data) return <Loader aria-label="Loading teams" />;
  const { teams, roles } = known.data;
  const rows: Row[] = granted.data.map(({ team, defaultAclRole }) => {
    const own = teams.find((it) => it.id === team?.id)?.defaultAclRole;
    const role = (defaultAclRole ?? own)?.id;
    return {
      id: team?.id ?? 0,
      name: team?.name ?? `team ${team?.id}`,
      role: roles.find((it) => it.id === role)?.name ?? role ?? '–',
      isOwnRole: Boolean(defaultAclRole),
    };
  });
  const free = teams.filter((team) => !rows.some((it) => it.id === team.id));
  const columns: Column<Row>[] = [
    {
      id: 'team',
      label: 'Team',
      text: (row) => row.name,
      cell: (row) => (
        <Anchor
          component={Link}
          to="/$scope/teams/$teamId"
          params={{ scope: scopeSegment(scope), teamId: String(row.id) } as never}
          size="sm"
        >
          {row.name}
        </Anchor>
      ),
    },
    { id: 'role', label: 'ACL role here', text: (row) => row.role, cell: (row) => row.role },
    {
      id: 'from',
      label: 'Where the role is set',
      cell: (row) => (row.isOwnRole ? 'for this environment' : 'by the team'),
    },
    {
      id: 'actions',
      label: 'Access',
      cell: (row) => (
        <Confirm
          label="Withhold"
          size="compact-xs"
          question={`Withhold access from ${row.name}?`}
          act={() => withholdAccess(account, envId, row.id)}
          done={() => {
            notifications.show({ message: `${row.name} has no access to this environment any more.` });
            void queries.invalidateQueries({ queryKey: ['environment-teams'] });
          }}
        >
          Members of {row.name} no longer see this environment, unless another team of theirs has access.
        </Confirm>
      ),
    },
  ];
  const grant = <GrantTeam envId={envId} teams={free} roles={roles} />;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          Members of a team have the ACL role of their team here, unless this environment or their membership
          names another.
        </Text>
        {rows.length > 0 && grant}
      </Group>
      <DataTable
        label="Teams of this environment"
        columns={columns}
        rowCount={rows.length}
        rowAt={(index) => rows[index]}
        rowKey={(row) => String(row.id)}
        empty={
          <Empty title="No team has access to this environment" action={grant}>
            Only administrators of the account and of the installation can work in it until a team is given
            access.
          </Empty>
        }
      />
    </Stack>
  );
}

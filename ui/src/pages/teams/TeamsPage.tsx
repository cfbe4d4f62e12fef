import { Anchor } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { accountId, scopeSegment, useScope } from '../../api/scope';
import { aclRolesQuery, type Team, teamsQuery } from '../../api/teams';
import { TeamForm } from '../../forms/team-edit';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';

/** Users who get access to environments together. */
export function TeamsPage() {
  const scope = useScope();
  const account = accountId(scope);
  const list = useQuery(teamsQuery(account));
  const roles = useQuery(aclRolesQuery(account));
  const queries = useQueryClient();
  const navigate = useNavigate();
  const made = (team: Team) => {
    void queries.invalidateQueries({ queryKey: ['teams'] });
    void navigate({
      to: '/$scope/teams/$teamId',
      params: { scope: scopeSegment(scope), teamId: String(team.id) },
    });
  };
  const roleOf = (team: Team) => roles.data?.find((it) => it.id === team.defaultAclRole?.id)?.name ?? '–';
  const columns: Column<Team>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
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
    { id: 'role', label: 'ACL role', text: roleOf, cell: roleOf },
    {
      id: 'description',
      label: 'Description',
      text: (row) => row.description ?? '',
      cell: (row) => row.description || '–',
    },
  ];
  const create = <TeamForm account={account} done={made} />;
  return (
    <ListPage
      title="Teams"
      hint="A team has members and an ACL role. An environment lets teams in."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => String(row.id)}
      words={(row) => [row.name, row.description]}
      empty={
        <Empty title="No teams yet" action={create}>
          Users who are no administrators see nothing until a team lets them into an environment.
        </Empty>
      }
    />
  );
}

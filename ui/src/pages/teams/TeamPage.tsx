import { Anchor, Group, Loader, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { accountId, scopeSegment, useScope } from '../../api/scope';
import { aclRolesQuery, deleteTeam, membersQuery, removeMember, teamQuery } from '../../api/teams';
import { TeamForm } from '../../forms/team-edit';
import { AddMember } from '../../forms/team-member-add';
import { Confirm } from '../../parts/Confirm';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Rows } from '../../parts/Rows';

/** One team: its members and its role. */
export function TeamPage() {
  const scope = useScope();
  const account = accountId(scope);
  const teamId = Number(useParams({ from: '/in/$scope/teams/$teamId' }).teamId);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const team = useQuery(teamQuery(account, teamId));
  const members = useQuery(membersQuery(account, teamId));
  const roles = useQuery(aclRolesQuery(account));
  const readAnew = (topic: string) => () => void queries.invalidateQueries({ queryKey: [topic] });
  if (team.error && (!team.data || isGone(team.error)))
    return (
      <Page title="Team">
        <ErrorNotice error={team.error} retry={() => void team.refetch()} />
      </Page>
    );
  if (!team.data) return <Loader role="status" aria-label="Loading the team" />;
  const it = team.data;
  const roleName = (id: string | undefined) => roles.data?.find((role) => role.id === id)?.name ?? '–';
  const add = (
    <AddMember
      account={account}
      teamId={teamId}
      members={(members.data ?? []).flatMap((member) => member.user?.id ?? [])}
      done={readAnew('team-members')}
    />
  );
  return (
    <Page
      title={it.name ?? ''}
      hint={it.description}
      actions={
        <>
          <TeamForm key={JSON.stringify(it)} account={account} team={it} done={readAnew('teams')} />
          <Confirm
            label="Delete"
            size="sm"
            question={`Delete team ${it.name}?`}
            act={() => deleteTeam(account, teamId)}
            done={() => void navigate({ to: '/$scope/teams', params: { scope: scopeSegment(scope) } })}
          >
            Its members lose what they may do by this team. The users stay.
          </Confirm>
        </>
      }
    >
      <dl className="facts">
        <dt>ACL role</dt>
        <dd>
          <Anchor
            component={Link}
            to="/$scope/acl-roles/$aclRoleId"
            params={{ scope: scopeSegment(scope), aclRoleId: it.defaultAclRole?.id ?? '' } as never}
            size="sm"
          >
            {roleName(it.defaultAclRole?.id)}
          </Anchor>
        </dd>
      </dl>
      <Group justify="space-between">
        <Title order={2} size="h4">
          Members
        </Title>
        {add}
      </Group>
      <Rows
        label="Members"
        list={members}
        rowKey={(row) => String(row.user?.id)}
        empty={
          <Empty title="No members yet">
            Add users of the account; they get access to the team&apos;s environments.
          </Empty>
        }
        columns={[
          {
            id: 'email',
            label: 'Email',
            text: (row) => row.email ?? '',
            cell: (row) => (
              <Anchor
                component={Link}
                to="/$scope/users/$userId"
                params={{ scope: scopeSegment(scope), userId: String(row.user?.id) } as never}
                size="sm"
              >
                {row.email}
              </Anchor>
            ),
          },
          {
            id: 'role',
            label: 'ACL role',
            cell: (row) =>
              row.aclRole ? roleName(row.aclRole.id) : `the team's (${roleName(it.defaultAclRole?.id)})`,
          },
          {
            id: 'actions',
            label: 'Actions',
            cell: (row) => (
              <Confirm
                label="Remove"
                question={`Remove ${row.email} from the team?`}
                act={() => removeMember(account, teamId, row.user?.id ?? 0)}
                done={readAnew('team-members')}
              />
            ),
          },
        ]}
      />
    </Page>
  );
}

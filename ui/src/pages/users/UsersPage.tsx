import { Anchor } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { scopeSegment, useScope } from '../../api/scope';
import { type User, usersQuery } from '../../api/users';
import { UserForm } from '../../forms/user-edit';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

/** Who can log in: of the account, or global administrators at Scalr scope. */
export function UsersPage() {
  const scope = useScope();
  const list = useQuery(usersQuery(scope));
  const queries = useQueryClient();
  const navigate = useNavigate();
  const made = (user: User) => {
    void queries.invalidateQueries({ queryKey: ['users'] });
    void navigate({
      to: '/$scope/users/$userId',
      params: { scope: scopeSegment(scope), userId: String(user.id) },
    });
  };
  const columns: Column<User>[] = [
    {
      id: 'email',
      label: 'Email',
      sort: 'email',
      text: (row) => row.email ?? '',
      cell: (row) => (
        <Anchor
          component={Link}
          to="/$scope/users/$userId"
          params={{ scope: scopeSegment(scope), userId: String(row.id) } as never}
          size="sm"
        >
          {row.email}
        </Anchor>
      ),
    },
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
      cell: (row) => row.name || '–',
    },
    { id: 'admin', label: 'Administrator', cell: (row) => (row.isAdmin ? 'yes' : 'no') },
    {
      id: 'status',
      label: 'Status',
      sort: 'status',
      text: (row) => row.status ?? '',
      cell: (row) => <Status value={isLocked(row) ? 'locked' : row.status} />,
    },
    { id: 'lastLogin', label: 'Last login', cell: (row) => <When at={row.lastLogin} /> },
  ];
  const create = <UserForm scope={scope} done={made} />;
  return (
    <ListPage
      title="Users"
      hint={
        scope.kind === 'global'
          ? 'Users of the Scalr scope. Users of an account are found in that account.'
          : 'Users of this account. Teams give them access to environments.'
      }
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => String(row.id)}
      words={(row) => [row.email, row.name]}
      empty={
        <Empty title="No users yet" action={create}>
          Make a user for each person, then put them into teams.
        </Empty>
      }
    />
  );
}

export function isLocked(user: User): boolean {
  return Boolean(user.lockedUntil && new Date(user.lockedUntil).getTime() > Date.now());
}

import { Anchor, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { type Account, allAccountsQuery, deleteAccount } from '../../api/all-accounts';
import { AccountForm } from '../../forms/account-edit';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

/** The tenants of the installation. */
export function AccountsPage() {
  const list = useQuery(allAccountsQuery);
  const queries = useQueryClient();
  const changed = () => {
    for (const topic of ['accounts', 'session']) void queries.invalidateQueries({ queryKey: [topic] });
  };
  const columns: Column<Account>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
      cell: (row) => (
        <Anchor component={Link} to="/$scope" params={{ scope: `account-${row.id}` } as never} size="sm">
          {row.name}
        </Anchor>
      ),
    },
    {
      id: 'id',
      label: 'ID',
      sort: 'id',
      isNumber: true,
      text: (row) => String(row.id),
      cell: (row) => row.id,
    },
    { id: 'status', label: 'Status', cell: (row) => <Status value={row.status} /> },
    { id: 'added', label: 'Added', cell: (row) => <When at={row.added} /> },
    {
      id: 'actions',
      label: 'Actions',
      cell: (row) => (
        <Group gap="xs" wrap="nowrap">
          <AccountForm account={row} done={changed} />
          <Confirm
            label="Delete"
            question={`Delete account ${row.name}?`}
            act={() => deleteAccount(row.id ?? 0)}
            done={changed}
          >
            Its teams and ACL roles go with it. It must have no environments, users and cloud credentials any
            more.
          </Confirm>
        </Group>
      ),
    },
  ];
  return (
    <ListPage
      title="Accounts"
      hint="An account is a business unit with its own environments, users and cloud credentials."
      actions={<AccountForm done={changed} />}
      list={list}
      columns={columns}
      rowKey={(row) => String(row.id)}
      words={(row) => [row.name, String(row.id)]}
      empty={
        <Empty title="No accounts yet" action={<AccountForm done={changed} />}>
          Make one for each business unit; then add users and environments in it.
        </Empty>
      }
    />
  );
}

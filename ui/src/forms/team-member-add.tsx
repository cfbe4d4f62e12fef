import { Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { aclRolesQuery, addMember } from '../api/teams';
import { usersQuery } from '../api/users';
import { ErrorNotice } from '../parts/ErrorNotice';
import { FormDialog } from '../parts/FormDialog';

const AS_TEAM = 'team';

/** Puts a user of the account into a team. `members`: ids of those who are in it already. */
export function AddMember(props: { account: number; teamId: number; members: number[]; done: () => void }) {
  const { account, teamId, members, done } = props;
  const users = useQuery(usersQuery({ kind: 'account', id: account }));
  const roles = useQuery(aclRolesQuery(account));
  const form = useForm({
    initialValues: { user: '', aclRole: AS_TEAM },
    validate: { user: (value) => (value ? null : 'Choose a user') },
  });
  const others = (users.data ?? []).filter((it) => it.id && !members.includes(it.id));
  return (
    <FormDialog
      label="Add a member"
      submit="Add"
      form={form}
      act={({ user, aclRole }) =>
        addMember(account, teamId, {
          user: { id: Number(user) },
          ...(aclRole === AS_TEAM ? {} : { aclRole: { id: aclRole } }),
        })
      }
      done={done}
    >
      <ErrorNotice error={users.error ?? roles.error} />
      <Select
        label="User"
        placeholder={others.length ? 'Choose a user' : 'All users of the account are members'}
        data={others.map((it) => ({ value: String(it.id), label: it.email ?? '' }))}
        searchable
        {...form.getInputProps('user')}
      />
      <Select
        label="ACL role"
        data={[
          { value: AS_TEAM, label: "the team's" },
          ...(roles.data ?? []).map((it) => ({ value: it.id ?? '', label: it.name ?? '' })),
        ]}
        allowDeselect={false}
        {...form.getInputProps('aclRole')}
      />
    </FormDialog>
  );
}

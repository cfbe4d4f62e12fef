import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { aclRolesQuery, createTeam, type Team, updateTeam } from '../api/teams';
import { ErrorNotice } from '../parts/ErrorNotice';
import { FormDialog } from '../parts/FormDialog';

/** Makes a team of the account, or changes the one given. */
export function TeamForm({
  account,
  team,
  done,
}: {
  account: number;
  team?: Team;
  done: (team: Team) => void;
}) {
  const roles = useQuery(aclRolesQuery(account));
  const form = useForm({
    initialValues: {
      name: team?.name ?? '',
      description: team?.description ?? '',
      aclRole: team?.defaultAclRole?.id ?? '',
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Enter a name'),
      aclRole: (value) => (value ? null : 'Choose an ACL role'),
    },
  });
  return (
    <FormDialog
      label={team ? 'Edit team' : 'New team'}
      submit={team ? 'Save' : 'Create'}
      variant={team ? 'default' : 'filled'}
      form={form}
      act={({ aclRole, ...rest }) => {
        const body = { ...rest, defaultAclRole: { id: aclRole } };
        return team?.id ? updateTeam(account, team.id, body) : createTeam(account, body);
      }}
      done={done}
    >
      <ErrorNotice error={roles.error} title="The ACL roles cannot be read" />
      <TextInput label="Name" maxLength={255} {...form.getInputProps('name')} />
      <TextInput label="Description" maxLength={255} {...form.getInputProps('description')} />
      <Select
        label="ACL role"
        description="What members may do in the team's environments, unless the environment or the member has another."
        data={(roles.data ?? []).map((it) => ({ value: it.id ?? '', label: it.name ?? '' }))}
        allowDeselect={false}
        {...form.getInputProps('aclRole')}
      />
    </FormDialog>
  );
}

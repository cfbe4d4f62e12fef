import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';

import type { Schemas } from '../api/client';
import { useGrantAccess } from '../api/environments';
import { accountId, useScope } from '../api/scope';
import { ErrorNotice } from '../parts/ErrorNotice';

type Props = {
  envId: number;
  /** Those without access yet. */
  teams: Schemas['Team'][];
  roles: Schemas['AclRole'][];
};

/** Gives a team access to an environment. */
export function GrantTeam({ envId, teams, roles }: Props) {
  const [isOpen, { open, close }] = useDisclosure();
  const grant = useGrantAccess(accountId(useScope()), envId);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { team: '', role: '' },
    validate: { team: (team) => (team ? null : 'Choose a team.') },
  });
  const save = form.onSubmit(
    ({ team, role }) =>
      grant.mutate(
        { team: { id: Number(team) }, defaultAclRole: role ? { id: role } : undefined },
        {
          onSuccess: (made) => {
            close();
            notifications.show({ message: `${made.team?.name} has access to this environment.` });
          },
        },
      ),
    () => form.getInputNode('team')?.focus(),
  );
  return (
    <>
      <Button
        onClick={() => {
          grant.reset();
          form.reset();
          open();
        }}
      >
        Give a team access
      </Button>
      <Modal opened={isOpen} onClose={close} title="Give a team access" centered>
        {teams.length === 0 ? (
          <Text size="sm">
            Every team of this account has access already. Make another on the page Teams.
          </Text>
        ) : (
          <form onSubmit={save} noValidate>
            <Stack>
              <ErrorNotice error={grant.error} />
              <Select
                label="Team"
                required
                searchable
                data={teams.map((it) => ({ value: String(it.id), label: it.name ?? String(it.id) }))}
                data-autofocus
                key={form.key('team')}
                {...form.getInputProps('team')}
              />
              <Select
                label="ACL role here"
                description="Empty: the role the team has everywhere."
                clearable
                searchable
                clearButtonProps={{ 'aria-label': 'Clear the role' }}
                data={roles.map((it) => ({ value: it.id ?? '', label: it.name ?? '' }))}
                key={form.key('role')}
                {...form.getInputProps('role')}
              />
              <Group justify="flex-end">
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button type="submit" loading={grant.isPending}>
                  Give access
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}

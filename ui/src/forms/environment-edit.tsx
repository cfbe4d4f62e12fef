import { Button, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';

import { type Environment, useUpdateEnvironment } from '../api/environments';
import { accountId, useScope } from '../api/scope';
import { ErrorNotice } from '../parts/ErrorNotice';
import { environmentBody, EnvironmentFields, useEnvironmentForm } from './environment-fields';

/** Renames an environment, or stops and starts its use of clouds. */
export function EditEnvironment({ environment }: { environment: Environment }) {
  const account = accountId(useScope());
  const [isOpen, { open, close }] = useDisclosure();
  const update = useUpdateEnvironment(account, environment.id ?? 0);
  const known = {
    name: environment.name ?? '',
    status: environment.status ?? 'active',
    costCenter: environment.costCenter?.id ?? '',
  };
  const form = useEnvironmentForm(known);
  const save = form.onSubmit(
    (values) =>
      update.mutate(environmentBody(values), {
        onSuccess: (changed) => {
          close();
          notifications.show({ message: `Environment ${changed.name} is saved.` });
        },
      }),
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
  );
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          update.reset();
          form.clearErrors();
          form.setValues(known);
          open();
        }}
      >
        Edit
      </Button>
      <Modal opened={isOpen} onClose={close} title="Edit environment" centered>
        <form onSubmit={save} noValidate>
          <Stack>
            <ErrorNotice error={update.error} />
            <EnvironmentFields form={form} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={update.isPending}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

import { Button, type ButtonProps, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';

import { useCreateEnvironment } from '../api/environments';
import { accountId, scopeSegment, useScope } from '../api/scope';
import { ErrorNotice } from '../parts/ErrorNotice';
import { environmentBody, EnvironmentFields, useEnvironmentForm } from './environment-fields';

/** The button and the form behind it. */
export function CreateEnvironment(button: ButtonProps) {
  const scope = useScope();
  const navigate = useNavigate();
  const [isOpen, { open, close }] = useDisclosure();
  const create = useCreateEnvironment(accountId(scope));
  const form = useEnvironmentForm({ name: '', status: 'active', costCenter: '' });
  const save = form.onSubmit(
    (values) =>
      create.mutate(environmentBody(values), {
        onSuccess: (made) => {
          close();
          notifications.show({ message: `Environment ${made.name} is created.` });
          void navigate({
            to: '/$scope/environments/$envId',
            params: { scope: scopeSegment(scope), envId: String(made.id) },
          });
        },
      }),
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
  );
  return (
    <>
      <Button
        {...button}
        onClick={() => {
          create.reset();
          form.reset();
          open();
        }}
      >
        New environment
      </Button>
      <Modal opened={isOpen} onClose={close} title="New environment" centered>
        <form onSubmit={save} noValidate>
          <Stack>
            <ErrorNotice error={create.error} />
            <EnvironmentFields form={form} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Create
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

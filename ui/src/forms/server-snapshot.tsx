import { Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { isVsphere } from '../api/clouds';
import { environmentId, useScope } from '../api/scope';
import { serverOperations } from '../api/server-operations';
import type { Server } from '../api/servers';
import { FormDialog } from '../parts/FormDialog';

/** As the server counts them. */
const LONGEST_NAME = 255;
const LONGEST_DESCRIPTION = 1024;

type Props = { server: Server; disabled: boolean; done: (message: string) => void };

export function SnapshotServer({ server, disabled, done }: Props) {
  const envId = environmentId(useScope());
  const form = useForm({
    initialValues: { name: '', description: '' },
    validate: {
      name: (value) =>
        !value.trim()
          ? 'Give the snapshot a name.'
          : [...value.trim()].length > LONGEST_NAME
            ? `At most ${LONGEST_NAME} characters.`
            : null,
      description: (value) =>
        [...value].length > LONGEST_DESCRIPTION ? `At most ${LONGEST_DESCRIPTION} characters.` : null,
    },
  });
  return (
    <FormDialog
      label="Create snapshot"
      submit="Create"
      variant="default"
      disabled={disabled}
      size="xs"
      form={form}
      act={({ name, description }) => serverOperations(envId, server.id).snapshot(name.trim(), description)}
      done={() => done('is asked for a snapshot')}
    >
      <TextInput
        label="Name"
        description={
          isVsphere(server.cloudPlatform)
            ? 'A snapshot of the machine without its memory. It goes with the machine.'
            : 'An image of the project. It stays when the server goes.'
        }
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Textarea label="Description" autosize minRows={2} maxRows={6} {...form.getInputProps('description')} />
    </FormDialog>
  );
}

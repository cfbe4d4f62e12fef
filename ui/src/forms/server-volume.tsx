import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { environmentId, useScope } from '../api/scope';
import { serverOperations } from '../api/server-operations';
import type { Server } from '../api/servers';
import { FormDialog } from '../parts/FormDialog';

type Props = { server: Server; disabled: boolean; done: (message: string) => void };

export function AttachVolume({ server, disabled, done }: Props) {
  const envId = environmentId(useScope());
  const form = useForm({
    initialValues: { volume: '' },
    validate: { volume: (value) => (value.trim() ? null : 'Enter the id of a volume.') },
  });
  return (
    <FormDialog
      label="Attach volume"
      submit="Attach"
      variant="default"
      disabled={disabled}
      size="xs"
      form={form}
      act={({ volume }) => serverOperations(envId, server.id).attachVolume(volume.trim())}
      done={() => done('gets the volume')}
    >
      <TextInput
        label="ID of the volume"
        description="Of a Cinder volume of the project that is there and attached to nothing."
        required
        spellCheck={false}
        data-autofocus
        {...form.getInputProps('volume')}
      />
    </FormDialog>
  );
}

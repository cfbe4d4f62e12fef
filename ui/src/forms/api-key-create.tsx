import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import type { Schemas } from '../api/client';
import { createOwnKey } from '../api/profile';
import { FormDialog } from '../parts/FormDialog';
import { endOfDay } from './expiry';

/** Makes a key pair. `done` gets the only answer that has its secret half. */
export function ApiKeyForm({ done }: { done: (key: Schemas['ApiKey']) => void }) {
  const form = useForm({
    initialValues: { name: '', day: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'Enter a name'),
      day: (value) => (!value || endOfDay(value) > new Date() ? null : 'This day is over'),
    },
  });
  return (
    <FormDialog
      label="New API key"
      submit="Create"
      form={form}
      act={({ name, day }) =>
        createOwnKey({ name: name.trim(), ...(day ? { expiresAt: endOfDay(day).toISOString() } : {}) })
      }
      done={done}
    >
      <TextInput
        label="Name"
        description="What uses it, so that you know later what deleting it stops."
        autoComplete="off"
        maxLength={255}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput
        type="date"
        label="Last day"
        description="Afterwards it is refused. Empty: it does not expire."
        {...form.getInputProps('day')}
      />
    </FormDialog>
  );
}

import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';

import { renameProfile } from '../api/profile';
import { FormDialog } from '../parts/FormDialog';

/** Changes one's own name. */
export function NameForm({ name, done }: { name: string; done: () => void }) {
  const form = useForm({
    initialValues: { name },
    validate: { name: (value) => (value.trim() ? null : 'Enter a name') },
  });
  return (
    <FormDialog
      label="Change name"
      submit="Save"
      variant="default"
      form={form}
      act={(values) => renameProfile(values.name.trim())}
      done={() => {
        notifications.show({ message: 'Your name is changed' });
        done();
      }}
    >
      <TextInput
        label="Name"
        autoComplete="name"
        maxLength={255}
        data-autofocus
        {...form.getInputProps('name')}
      />
    </FormDialog>
  );
}

import { PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';

import { changePassword } from '../api/profile';
import { FormDialog } from '../parts/FormDialog';

const SHORTEST = 12;
const LONGEST = 256;

/** Changes one's own password; the old one proves that it is oneself. */
export function PasswordForm({ done }: { done: () => void }) {
  const form = useForm({
    initialValues: { currentPassword: '', newPassword: '', again: '' },
    validate: {
      currentPassword: (value) => (value ? null : 'Enter the password you have now'),
      newPassword: (value) => {
        // The server counts characters, not the halves that some are made of here.
        const count = [...value].length;
        return count >= SHORTEST && count <= LONGEST ? null : `${SHORTEST} to ${LONGEST} characters`;
      },
      again: (value, { newPassword }) => (value === newPassword ? null : 'Not the same as above'),
    },
  });
  return (
    <FormDialog
      label="Change password"
      submit="Change"
      variant="default"
      form={form}
      act={({ currentPassword, newPassword }) => changePassword({ currentPassword, newPassword })}
      done={() => {
        notifications.show({ message: 'Your password is changed; your other sessions have ended' });
        done();
      }}
    >
      <PasswordInput
        label="Current password"
        description="Too many wrong ones lock your user for a while."
        autoComplete="current-password"
        data-autofocus
        {...form.getInputProps('currentPassword')}
      />
      <PasswordInput
        label="New password"
        description={`At least ${SHORTEST} characters. Your other sessions end.`}
        autoComplete="new-password"
        {...form.getInputProps('newPassword')}
      />
      <PasswordInput
        label="New password again"
        autoComplete="new-password"
        {...form.getInputProps('again')}
      />
    </FormDialog>
  );
}

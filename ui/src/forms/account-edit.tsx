import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { createAccount, updateAccount, type Account } from '../api/all-accounts';
import { FormDialog } from '../parts/FormDialog';

/** Makes an account, or changes the one given. */
export function AccountForm({ account, done }: { account?: Account; done: () => void }) {
  const form = useForm({
    initialValues: { name: account?.name ?? '', status: account?.status ?? 'active' },
    validate: { name: (value) => (value.trim() ? null : 'Enter a name') },
  });
  return (
    <FormDialog
      label={account ? 'Edit' : 'New account'}
      submit={account ? 'Save' : 'Create'}
      variant={account ? 'default' : 'filled'}
      size={account ? 'xs' : 'sm'}
      form={form}
      act={({ name, status }) =>
        account?.id ? updateAccount(account.id, { name, status }) : createAccount({ name })
      }
      done={done}
    >
      <TextInput label="Name" maxLength={255} data-autofocus {...form.getInputProps('name')} />
      {account && (
        <Select
          label="Status"
          description="Users of an inactive account are refused, and its clouds are not asked."
          data={['active', 'inactive']}
          allowDeselect={false}
          {...form.getInputProps('status')}
        />
      )}
    </FormDialog>
  );
}

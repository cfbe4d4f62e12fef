import { Checkbox, PasswordInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { type Scope } from '../api/scope';
import { createUser, updateUser, type User } from '../api/users';
import { FormDialog } from '../parts/FormDialog';

const EMAIL = /^\S+@\S+$/;
const SHORTEST_PASSWORD = 12;

/** Makes a user of the scope, or changes the one given. */
export function UserForm({ scope, user, done }: { scope: Scope; user?: User; done: (user: User) => void }) {
  const form = useForm({
    initialValues: {
      email: user?.email ?? '',
      name: user?.name ?? '',
      password: '',
      isAdmin: user?.isAdmin ?? scope.kind === 'global',
      status: user?.status ?? 'active',
    },
    validate: {
      email: (value) => (EMAIL.test(value.trim()) ? null : 'Enter an email address'),
      name: (value) => (value.trim() ? null : 'Enter a name'),
      password: (value) => {
        if (user && !value) return null;
        return value.length >= SHORTEST_PASSWORD ? null : `At least ${SHORTEST_PASSWORD} characters`;
      },
    },
  });
  const act = ({ password, email, ...rest }: typeof form.values) => {
    const body = { ...rest, email: email.trim(), ...(password ? { password } : {}) };
    return user?.id ? updateUser(scope, user.id, body) : createUser(scope, body);
  };
  return (
    <FormDialog
      label={user ? 'Edit user' : 'New user'}
      submit={user ? 'Save' : 'Create'}
      variant={user ? 'default' : 'filled'}
      form={form}
      act={act}
      done={done}
    >
      <TextInput
        label="Email"
        description="The name to log in with."
        autoComplete="off"
        {...form.getInputProps('email')}
      />
      <TextInput label="Name" maxLength={255} {...form.getInputProps('name')} />
      <PasswordInput
        label={user ? 'New password' : 'Password'}
        description={
          user
            ? 'Leave it empty to keep the old one. A new one ends their sessions.'
            : `At least ${SHORTEST_PASSWORD} characters. Give it to the user by another way than email.`
        }
        autoComplete="new-password"
        {...form.getInputProps('password')}
      />
      <Checkbox
        label={scope.kind === 'global' ? 'Global administrator' : 'Account administrator'}
        description={
          scope.kind === 'global'
            ? 'May do everything in the whole installation.'
            : 'May do everything in this account. Others get access by teams.'
        }
        {...form.getInputProps('isAdmin', { type: 'checkbox' })}
      />
      <Select
        label="Status"
        description="An inactive user cannot log in, and their keys and tokens are refused."
        data={['active', 'inactive']}
        allowDeselect={false}
        {...form.getInputProps('status')}
      />
    </FormDialog>
  );
}

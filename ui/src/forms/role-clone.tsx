import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { cloneRole, type Role } from '../api/roles';
import { useScope } from '../api/scope';
import { FormDialog } from '../parts/FormDialog';
import { wrongName } from './role-edit';

/** Copies a role with its list of images to the scope at hand. */
export function CloneRole({ role, done }: { role: Role; done: (made: Role) => void }) {
  const scope = useScope();
  const form = useForm({
    initialValues: { name: `${role.name} copy` },
    validate: { name: (value) => wrongName(value, 'Give the copy a name.') },
  });
  return (
    <FormDialog
      label="Clone"
      submit="Clone"
      variant="default"
      form={form}
      act={({ name }) => cloneRole(scope, role.id ?? 0, name.trim())}
      done={done}
    >
      <TextInput
        label="Name of the copy"
        description={
          scope.kind === 'global'
            ? 'It is made at Scalr scope, with the same images.'
            : `It is made in this ${scope.kind}, with the same images.`
        }
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
    </FormDialog>
  );
}

import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { createRoleCategory, type RoleCategory, updateRoleCategory } from '../api/role-categories';
import { useScope } from '../api/scope';
import { FormDialog } from '../parts/FormDialog';

const LONGEST_NAME = 255;

/** Makes a category of the scope, or renames the one given. */
export function RoleCategoryForm({
  category,
  done,
}: {
  category?: RoleCategory;
  done: (name: string) => void;
}) {
  const scope = useScope();
  const form = useForm({
    initialValues: { name: category?.name ?? '' },
    validate: {
      name: (value) =>
        !value.trim()
          ? 'Give the category a name.'
          : [...value.trim()].length > LONGEST_NAME
            ? `At most ${LONGEST_NAME} characters.`
            : null,
    },
  });
  return (
    <FormDialog
      label={category ? 'Rename' : 'New category'}
      aria-label={category ? `Rename ${category.name}` : undefined}
      submit={category ? 'Save' : 'Create'}
      variant={category ? 'default' : 'filled'}
      size={category ? 'xs' : 'sm'}
      form={form}
      act={({ name }) =>
        category?.id
          ? updateRoleCategory(scope, category.id, name.trim())
          : createRoleCategory(scope, name.trim())
      }
      done={(made) => done(made.name ?? '')}
    >
      <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
    </FormDialog>
  );
}

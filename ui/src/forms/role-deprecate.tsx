import { Select, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { deprecateRole, type Role, rolesQuery } from '../api/roles';
import { useScope } from '../api/scope';
import { FormDialog } from '../parts/FormDialog';

const LONGEST_DESCRIPTION = 4096;

/** Says that a role should not be used any more, why, and what to use instead. */
export function DeprecateRole({ role, done }: { role: Role; done: () => void }) {
  const scope = useScope();
  const roles = useQuery(rolesQuery(scope));
  const { deprecated } = role;
  const form = useForm({
    initialValues: {
      message: deprecated?.message ?? '',
      replacement: deprecated?.replacement ? String(deprecated.replacement.id) : '',
    },
    validate: {
      message: (value) =>
        [...value].length > LONGEST_DESCRIPTION ? `At most ${LONGEST_DESCRIPTION} characters.` : null,
    },
  });
  return (
    <FormDialog
      label={deprecated ? 'Change the note' : 'Deprecate'}
      submit={deprecated ? 'Save' : 'Deprecate'}
      variant="default"
      form={form}
      act={({ message, replacement }) =>
        deprecateRole(scope, role.id ?? 0, {
          deprecate: true,
          message: message.trim() || null,
          replacement: replacement ? { id: Number(replacement) } : null,
        })
      }
      done={done}
    >
      <Textarea
        label="Why"
        description="For those who use it. Farms that have it still launch from it."
        autosize
        minRows={2}
        maxRows={6}
        data-autofocus
        {...form.getInputProps('message')}
      />
      <Select
        label="Use instead"
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear what to use instead' }}
        limit={200}
        data={(roles.data ?? [])
          .filter((it) => it.id !== role.id)
          .map((it) => ({ value: String(it.id), label: it.name ?? '' }))}
        placeholder="Nothing"
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('replacement')}
        value={form.values.replacement || null}
        onChange={(next) => form.setFieldValue('replacement', next ?? '')}
        error={form.errors.replacement ?? roles.error?.message}
      />
    </FormDialog>
  );
}

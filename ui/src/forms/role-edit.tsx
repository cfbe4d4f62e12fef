import { Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { osQuery } from '../api/os';
import { roleCategoriesQuery } from '../api/role-categories';
import { createRole, type Role, updateRole } from '../api/roles';
import { useScope } from '../api/scope';
import { FormDialog } from '../parts/FormDialog';

/** As the server counts them. */
const LONGEST_TEXT = 255;
const LONGEST_DESCRIPTION = 4096;
const MOST_TAGS = 50;

type Props = { role?: Role; done: (role: Role) => void; leftSection?: ReactNode };

/** Makes a role of the scope, or changes the one given. */
export function RoleForm({ role, done, leftSection }: Props) {
  const scope = useScope();
  const systems = useQuery(osQuery(scope));
  const categories = useQuery(roleCategoriesQuery(scope));
  const form = useForm({
    initialValues: {
      name: role?.name ?? '',
      os: role?.os?.id ?? '',
      category: role?.category ? String(role.category.id) : '',
      description: role?.description ?? '',
      tags: role?.tags ?? [],
    },
    validate: {
      name: (value) => wrongName(value, 'Give the role a name.'),
      os: (value) => (value ? null : 'Choose an operating system.'),
      category: (value) => (value ? null : 'Choose a category.'),
      description: (value) =>
        [...value].length > LONGEST_DESCRIPTION ? `At most ${LONGEST_DESCRIPTION} characters.` : null,
      tags: (value) =>
        value.length > MOST_TAGS
          ? `At most ${MOST_TAGS} tags.`
          : value.some((it) => [...it].length > LONGEST_TEXT)
            ? `At most ${LONGEST_TEXT} characters in each.`
            : null,
    },
  });
  return (
    <FormDialog
      label={role ? 'Edit' : 'New role'}
      submit={role ? 'Save' : 'Create'}
      variant={role ? 'default' : 'filled'}
      leftSection={leftSection}
      form={form}
      act={({ name, os, category, description, tags }) => {
        const body = { name: name.trim(), category: { id: Number(category) }, description, tags };
        return role?.id ? updateRole(scope, role.id, body) : createRole(scope, { ...body, os: { id: os } });
      }}
      done={done}
    >
      <TextInput
        label="Name"
        description="Letters, digits, blanks, -, _ and ., such as web or debian-12-base."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Select
        label="Operating system"
        description={
          role ? 'Set when the role was made.' : 'All its images have it. It cannot be changed later.'
        }
        required
        searchable
        allowDeselect={false}
        disabled={Boolean(role)}
        limit={200}
        data={(systems.data ?? []).map((it) => ({ value: it.id, label: it.name }))}
        nothingFoundMessage="None has this in its name. Choose Other Linux for what is not listed."
        {...form.getInputProps('os')}
        error={form.errors.os ?? systems.error?.message}
      />
      <Select
        label="Category"
        description="What roles are sorted by."
        required
        searchable
        allowDeselect={false}
        data={(categories.data ?? []).map((it) => ({ value: String(it.id), label: it.name ?? '' }))}
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('category')}
        error={form.errors.category ?? categories.error?.message}
      />
      <Textarea label="Description" autosize minRows={2} maxRows={6} {...form.getInputProps('description')} />
      <TagsInput
        label="Tags"
        description="Enter ends a tag."
        clearable
        clearButtonProps={{ 'aria-label': 'Clear tags' }}
        {...form.getInputProps('tags')}
      />
    </FormDialog>
  );
}

/** What is wrong with the name of a role, as the server has it. */
export function wrongName(value: string, missing: string): string | null {
  const name = value.trim();
  if (!name) return missing;
  if (name.length > LONGEST_TEXT) return `At most ${LONGEST_TEXT} characters.`;
  if (!/^[A-Za-z\d]([A-Za-z\d \-_.]*[A-Za-z\d])?$/.test(name))
    return 'Letters, digits, blanks, -, _ and .; a letter or digit at both ends.';
  return null;
}

import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';

import type { OpenstackForm } from './openstack-credentials';

const BY = [
  { value: 'name', label: 'Name' },
  { value: 'id', label: 'Id' },
];

/** The domains of user and project where they differ. */
export function DomainFields({
  form,
  hasUser,
  hasProject,
}: {
  form: OpenstackForm;
  hasUser: boolean;
  hasProject: boolean;
}) {
  const pair = (what: 'user' | 'project', label: string) => (
    <>
      <NativeSelect label={`${label} domain given by`} data={BY} {...form.getInputProps(`${what}DomainBy`)} />
      <TextInput
        label={`${label} domain ${form.values[`${what}DomainBy`]}`}
        {...form.getInputProps(`${what}Domain`)}
      />
    </>
  );
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      {hasUser && pair('user', 'User')}
      {hasProject && pair('project', 'Project')}
    </SimpleGrid>
  );
}

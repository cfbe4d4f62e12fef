import { Radio, Select, Stack, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { costCentersQuery } from '../api/cost-centers';
import { useScope } from '../api/scope';

/** Without a cost center: empty. */
export type EnvironmentValues = { name: string; status: string; costCenter: string };

export function environmentBody({ name, status, costCenter }: EnvironmentValues) {
  return { name, status, costCenter: costCenter ? { id: costCenter } : null };
}

export function useEnvironmentForm(initialValues: EnvironmentValues) {
  return useForm<EnvironmentValues>({
    mode: 'uncontrolled',
    initialValues,
    validate: {
      name: (name) =>
        !name.trim()
          ? 'Give the environment a name.'
          : [...name].length > 255
            ? 'At most 255 characters.'
            : null,
    },
  });
}

export function EnvironmentFields({ form }: { form: UseFormReturnType<EnvironmentValues> }) {
  const costCenters = useQuery(costCentersQuery(useScope()));
  return (
    <>
      <TextInput
        label="Name"
        description="As people call it, such as Production."
        required
        data-autofocus
        key={form.key('name')}
        {...form.getInputProps('name')}
      />
      <Radio.Group label="Status" key={form.key('status')} {...form.getInputProps('status')}>
        <Stack gap="xs" mt={4}>
          <Radio value="active" label="Active" />
          <Radio
            value="inactive"
            label="Inactive"
            description="Its clouds are not asked for anything; what was read stays visible."
          />
        </Stack>
      </Radio.Group>
      <Select
        label="Cost center"
        description="Then its farms are of projects of that alone."
        searchable
        allowDeselect={false}
        data={[
          { value: '', label: 'None' },
          ...(costCenters.data ?? []).map((it) => ({ value: it.id ?? '', label: it.name ?? '' })),
        ]}
        nothingFoundMessage="None has this in its name"
        key={form.key('costCenter')}
        {...form.getInputProps('costCenter')}
        error={form.errors.costCenter ?? costCenters.error?.message}
      />
    </>
  );
}

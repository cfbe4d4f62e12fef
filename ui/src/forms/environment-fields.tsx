import { Radio, Stack, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';

export type EnvironmentValues = { name: string; status: string };

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
    </>
  );
}

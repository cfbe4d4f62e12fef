import { type ButtonProps, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { createFarm, type Farm, updateFarm } from '../api/farms';
import { FormDialog } from '../parts/FormDialog';
import { FarmProject } from './farm-project';

/** As the server counts them. */
const LONGEST_NAME = 255;
const LONGEST_DESCRIPTION = 4096;

type Props = ButtonProps & { envId: number; farm?: Farm; done: (farm: Farm) => void };

/** Makes a farm, or changes the one given. */
export function FarmForm({ envId, farm, done, ...button }: Props) {
  const form = useForm({
    initialValues: {
      name: farm?.name ?? '',
      description: farm?.description ?? '',
      launchOrder: farm?.launchOrder ?? 'simultaneous',
      project: farm?.project?.id ?? '',
    },
    validate: {
      name: wrongFarmName,
      description: (value) =>
        [...value].length > LONGEST_DESCRIPTION ? `At most ${LONGEST_DESCRIPTION} characters.` : null,
    },
  });
  return (
    <FormDialog
      label={farm ? 'Edit' : 'New farm'}
      submit={farm ? 'Save' : 'Create'}
      variant={farm ? 'default' : 'filled'}
      {...button}
      form={form}
      act={(values) => {
        const { project } = values;
        const body = { ...values, name: values.name.trim(), project: project ? { id: project } : null };
        return farm?.id ? updateFarm(envId, farm.id, body) : createFarm(envId, body);
      }}
      done={done}
    >
      <TextInput
        label="Name"
        description="As people call the application, such as shop."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Textarea label="Description" autosize minRows={2} maxRows={6} {...form.getInputProps('description')} />
      <Radio.Group label="Launch order" {...form.getInputProps('launchOrder')}>
        <Stack gap="xs" mt={4}>
          <Radio value="simultaneous" label="Simultaneous" description="All farm roles begin at once." />
          <Radio
            value="sequential"
            label="Sequential"
            description="A farm role begins when the servers of those before it run."
          />
        </Stack>
      </Radio.Group>
      <FarmProject envId={envId} {...form.getInputProps('project')} />
    </FormDialog>
  );
}

export function wrongFarmName(name: string): string | null {
  if (!name.trim()) return 'Give the farm a name.';
  return [...name.trim()].length > LONGEST_NAME ? `At most ${LONGEST_NAME} characters.` : null;
}

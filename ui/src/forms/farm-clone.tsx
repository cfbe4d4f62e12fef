import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { cloneFarm, type Farm } from '../api/farms';
import { FormDialog } from '../parts/FormDialog';
import { wrongFarmName } from './farm-edit';

type Props = { envId: number; farm: Farm; done: (made: Farm) => void };

/** Copies a farm with its farm roles. */
export function CloneFarm({ envId, farm, done }: Props) {
  const form = useForm({
    initialValues: { name: `${farm.name} copy` },
    validate: { name: wrongFarmName },
  });
  return (
    <FormDialog
      label="Clone"
      submit="Clone"
      variant="default"
      form={form}
      act={({ name }) => cloneFarm(envId, farm.id ?? 0, name.trim())}
      done={done}
    >
      <TextInput
        label="Name of the copy"
        description="It has the same farm roles and no servers. It is yours, and is not locked."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
    </FormDialog>
  );
}

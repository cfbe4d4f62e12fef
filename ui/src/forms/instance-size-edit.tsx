import { Group, NumberInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';

import { createInstanceSize, type InstanceSize, updateInstanceSize } from '../api/instance-sizes';
import { inMib, inUnit, type Unit } from '../pages/instance-sizes/memory';
import { FormDialog } from '../parts/FormDialog';

/** "vSphere 8.0 Configuration Maximums", for one machine. */
const MOST_VCPUS = 768;
const MOST_MIB = 24 * 1024 * 1024;
const STEP_MIB = 4;

/** Makes a size, or changes the one given. */
export function InstanceSizeForm({ size, done }: { size?: InstanceSize; done: () => void }) {
  const memory = inUnit(size?.memoryMib ?? 1024);
  const form = useForm({
    initialValues: {
      name: size?.name ?? '',
      // A number field that is empty holds text.
      vcpus: (size?.vcpus ?? 1) as number | string,
      coresPerSocket: (size?.coresPerSocket ?? 1) as number | string,
      amount: memory.amount as number | string,
      unit: memory.unit,
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Enter a name'),
      vcpus: (value) => (isWhole(value, MOST_VCPUS) ? null : `A whole number from 1 to ${MOST_VCPUS}`),
      coresPerSocket: (value, { vcpus }) => {
        if (!isWhole(value, MOST_VCPUS)) return `A whole number from 1 to ${MOST_VCPUS}`;
        return Number(vcpus) % Number(value) === 0 ? null : `Does not divide ${vcpus} vCPUs evenly`;
      },
      amount: (value, { unit }) => {
        if (value === '') return 'Enter how much memory';
        const mib = inMib(Number(value), unit);
        if (mib < STEP_MIB || mib > MOST_MIB) return 'From 4 MiB to 24 TiB (24576 GiB)';
        return mib % STEP_MIB === 0 ? null : `A multiple of ${STEP_MIB} MiB`;
      },
    },
  });
  const act = ({ name, vcpus, coresPerSocket, amount, unit }: typeof form.values) => {
    const body = {
      name: name.trim(),
      vcpus: Number(vcpus),
      coresPerSocket: Number(coresPerSocket),
      memoryMib: inMib(Number(amount), unit),
    };
    return size?.id ? updateInstanceSize(size.id, body) : createInstanceSize(body);
  };
  return (
    <FormDialog
      label={size ? 'Edit' : 'New instance size'}
      submit={size ? 'Save' : 'Create'}
      variant={size ? 'default' : 'filled'}
      size={size ? 'xs' : 'sm'}
      form={form}
      act={act}
      done={(made) => {
        notifications.show({ message: `Instance size ${made.name} is saved` });
        done();
      }}
    >
      <TextInput label="Name" maxLength={255} data-autofocus {...form.getInputProps('name')} />
      <NumberInput
        label="vCPUs"
        min={1}
        allowDecimal={false}
        clampBehavior="none"
        {...form.getInputProps('vcpus')}
      />
      <NumberInput
        label="Cores per socket"
        description="The guest sees so many cores in each socket. vCPUs must be a multiple of it; some licences count sockets."
        min={1}
        allowDecimal={false}
        clampBehavior="none"
        {...form.getInputProps('coresPerSocket')}
      />
      <Group align="flex-start" gap="xs" wrap="nowrap">
        <NumberInput label="Memory" min={0} clampBehavior="none" flex={1} {...form.getInputProps('amount')} />
        <Select
          label="Unit"
          data={['GiB', 'MiB'] satisfies Unit[]}
          allowDeselect={false}
          w={100}
          {...form.getInputProps('unit')}
        />
      </Group>
    </FormDialog>
  );
}

function isWhole(value: number | string, most: number): boolean {
  const number = Number(value);
  return value !== '' && Number.isSafeInteger(number) && number >= 1 && number <= most;
}

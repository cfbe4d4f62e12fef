import { NumberInput, type NumberInputProps, Select } from '@mantine/core';
import { useForm } from '@mantine/form';

import { environmentId, useScope } from '../api/scope';
import { type Provisioning, type ServerDisk, serverOperations } from '../api/server-operations';
import type { Server } from '../api/servers';
import { FormDialog } from '../parts/FormDialog';

/** 62 TiB, the largest disk of a virtual machine: "vSphere 8.0 Configuration Maximums". */
const LARGEST_GIB = 63_488;
const GIB = 1024 ** 3;
const PROVISIONING: { value: Provisioning; label: string }[] = [
  { value: 'thin', label: 'Thin: takes space as it is written' },
  { value: 'thick', label: 'Thick: zeroed when first written' },
  { value: 'eagerZeroedThick', label: 'Thick, zeroed at once' },
];

type Props = { server: Server; disabled: boolean; done: (message: string) => void };

export function AddDisk({ server, disabled, done }: Props) {
  const envId = environmentId(useScope());
  const form = useForm({
    initialValues: { size: '' as number | string, provisioning: 'thin' as Provisioning },
    validate: { size: (value) => wrongSize(value, 1) },
  });
  return (
    <FormDialog
      label="Add disk"
      submit="Add"
      variant="default"
      disabled={disabled}
      size="xs"
      form={form}
      act={({ size, provisioning }) => serverOperations(envId, server.id).addDisk(Number(size), provisioning)}
      done={() => done('gets one more disk')}
    >
      <SizeField {...form.getInputProps('size')} />
      <Select
        label="Provisioning"
        allowDeselect={false}
        data={PROVISIONING}
        {...form.getInputProps('provisioning')}
      />
    </FormDialog>
  );
}

export function ExtendDisk({ server, disk, disabled, done }: Props & { disk: ServerDisk }) {
  const envId = environmentId(useScope());
  const now = Math.ceil((disk.sizeBytes ?? 0) / GIB);
  const form = useForm({
    initialValues: { size: (now || '') as number | string },
    validate: { size: (value) => wrongSize(value, now + 1) },
  });
  return (
    <FormDialog
      label="Extend"
      aria-label={`Extend ${disk.name}`}
      submit="Extend"
      variant="default"
      disabled={disabled}
      size="xs"
      form={form}
      act={({ size }) => serverOperations(envId, server.id).extendDisk(disk.id, Number(size))}
      done={() => done(`gets a larger ${disk.name}`)}
    >
      <SizeField
        description={`Now ${now} GiB. A disk never becomes smaller; its partitions are the guest’s business.`}
        {...form.getInputProps('size')}
      />
    </FormDialog>
  );
}

function SizeField(props: NumberInputProps) {
  return (
    <NumberInput
      label="Size in GiB"
      required
      min={1}
      allowDecimal={false}
      clampBehavior="none"
      data-autofocus
      {...props}
    />
  );
}

function wrongSize(value: number | string, least: number): string | null {
  const size = Number(value);
  const isRight = value !== '' && Number.isSafeInteger(size) && size >= least && size <= LARGEST_GIB;
  return isRight ? null : `A whole number from ${least} to ${LARGEST_GIB}.`;
}

import { NumberInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { extendVolume, type Volume } from '../api/volumes';
import { FormDialog } from '../parts/FormDialog';

/** As the server counts them. */
const LARGEST_GIB = 16_384;

type Props = { envId: number; volume: Volume; done: (extended: Volume) => void };

export function ExtendVolume({ envId, volume, done }: Props) {
  const form = useForm({
    initialValues: { size: '' as number | string },
    validate: { size: (value) => wrongVolumeSize(value, volume.sizeGib + 1) },
  });
  return (
    <FormDialog
      label="Extend"
      submit="Extend"
      variant="default"
      disabled={volume.sizeGib >= LARGEST_GIB}
      form={form}
      act={({ size }) => extendVolume(envId, volume.id, Number(size))}
      done={done}
    >
      <NumberInput
        label="Size in GiB"
        description={`Now ${volume.sizeGib} GiB. A volume never becomes smaller; its partitions are the guest’s business.`}
        required
        min={1}
        allowDecimal={false}
        clampBehavior="none"
        data-autofocus
        {...form.getInputProps('size')}
      />
    </FormDialog>
  );
}

export function wrongVolumeSize(value: number | string, least: number): string | null {
  const size = Number(value);
  const isRight = value !== '' && Number.isSafeInteger(size) && size >= least && size <= LARGEST_GIB;
  return isRight ? null : `A whole number from ${least} to ${LARGEST_GIB}.`;
}

import { NumberInput, SimpleGrid, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';

import { createVolume, type Volume } from '../api/volumes';
import { FormDialog } from '../parts/FormDialog';
import { OneOf } from './farm-role-choice';
import { OpenstackLocation } from './openstack-location';
import { wrongVolumeSize } from './volume-extend';

/** As the server counts them. */
const LONGEST_NAME = 255;

type Props = { envId: number; done: (made: Volume) => void; leftSection?: ReactNode };

/** Makes a volume of OpenStack. */
export function CreateVolume({ envId, done, leftSection }: Props) {
  const form = useForm({
    initialValues: { name: '', size: '' as number | string, location: '', type: '', zone: '' },
    validate: {
      name: (value) =>
        !value.trim()
          ? 'Give the volume a name.'
          : [...value.trim()].length > LONGEST_NAME
            ? `At most ${LONGEST_NAME} characters.`
            : null,
      size: (value) => wrongVolumeSize(value, 1),
      location: (value) => (value ? null : 'Choose a location.'),
    },
  });
  const { location } = form.values;
  const place = { envId, cloudPlatform: 'openstack', cloudLocation: location };
  return (
    <FormDialog
      label="New volume"
      submit="Create"
      leftSection={leftSection}
      form={form}
      act={({ name, size, type, zone }) =>
        createVolume(envId, {
          name: name.trim(),
          sizeGib: Number(size),
          cloudLocation: location,
          volumeType: type ? { id: type } : null,
          availabilityZone: zone ? { id: zone } : null,
        })
      }
      done={done}
    >
      <TextInput
        label="Name"
        description="Stays as it is. Unique among the volumes of this environment."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <NumberInput
        label="Size in GiB"
        required
        min={1}
        allowDecimal={false}
        clampBehavior="none"
        {...form.getInputProps('size')}
      />
      <OpenstackLocation
        envId={envId}
        {...form.getInputProps('location')}
        onChange={(next) => {
          form.setValues({ location: next, type: '', zone: '' });
          form.clearFieldError('location');
        }}
      />
      {location && (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <OneOf
            place={place}
            noun="volume-types"
            label="Volume type"
            placeholder="The cloud’s default"
            {...form.getInputProps('type')}
          />
          <OneOf
            place={place}
            noun="availability-zones"
            label="Availability zone"
            placeholder="The cloud chooses"
            only={({ attributes }) => attributes.available !== false}
            {...form.getInputProps('zone')}
          />
        </SimpleGrid>
      )}
    </FormDialog>
  );
}

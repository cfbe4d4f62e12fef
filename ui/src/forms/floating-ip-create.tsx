import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';

import { createFloatingIp, type FloatingIp } from '../api/floating-ips';
import { FormDialog } from '../parts/FormDialog';
import { OneOf } from './farm-role-choice';
import { OpenstackLocation } from './openstack-location';

/** As the server counts them. */
const LONGEST_NAME = 255;

type Props = { envId: number; done: (made: FloatingIp) => void; leftSection?: ReactNode };

/** Makes a floating IP of OpenStack that belongs to no server. */
export function CreateFloatingIp({ envId, done, leftSection }: Props) {
  const form = useForm({
    initialValues: { name: '', location: '', pool: '' },
    validate: {
      name: (value) =>
        !value.trim()
          ? 'Give the floating IP a name.'
          : [...value.trim()].length > LONGEST_NAME
            ? `At most ${LONGEST_NAME} characters.`
            : null,
      location: (value) => (value ? null : 'Choose a location.'),
      pool: (value) => (value ? null : 'Choose an external network.'),
    },
  });
  const { location } = form.values;
  return (
    <FormDialog
      label="New floating IP"
      submit="Create"
      leftSection={leftSection}
      form={form}
      act={({ name, pool }) =>
        createFloatingIp(envId, { name: name.trim(), cloudLocation: location, pool: { id: pool } })
      }
      done={done}
    >
      <TextInput
        label="Name"
        description="Stays as it is. Unique among the floating IPs of this environment."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <OpenstackLocation
        envId={envId}
        {...form.getInputProps('location')}
        onChange={(next) => {
          form.setValues({ location: next, pool: '' });
          form.clearFieldError('location');
        }}
      />
      {location && (
        <OneOf
          place={{ envId, cloudPlatform: 'openstack', cloudLocation: location }}
          noun="networks"
          label="External network"
          description="The cloud chooses an address of it."
          required
          only={({ attributes }) => attributes.external === true}
          {...form.getInputProps('pool')}
        />
      )}
    </FormDialog>
  );
}

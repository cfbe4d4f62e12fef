import { SimpleGrid, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';

import { createNetwork, type PrivateNetwork } from '../api/networks';
import { FormDialog } from '../parts/FormDialog';
import { OneOf } from './farm-role-choice';
import { NetworkFields } from './network-rules';
import { dnsOf, type NetworkValues, rulesOf, valuesOf, wrong } from './network-values';
import { OpenstackLocation } from './openstack-location';

type Props = { envId: number; done: (made: PrivateNetwork) => void; leftSection?: ReactNode };

/** Makes a network of OpenStack with its subnet, security group and router. */
export function CreateNetwork({ envId, done, leftSection }: Props) {
  const form = useForm<NetworkValues>({ initialValues: valuesOf(undefined), validate: wrong });
  const { location } = form.values;
  return (
    <FormDialog
      label="New private network"
      submit="Create"
      dialogSize="lg"
      leftSection={leftSection}
      form={form}
      act={(values) =>
        createNetwork(envId, {
          name: values.name.trim(),
          cloudLocation: values.location,
          cidr: values.cidr.trim(),
          externalNetwork: values.externalNetwork ? { id: values.externalNetwork } : null,
          dnsServers: dnsOf(values),
          rules: rulesOf(values),
        })
      }
      done={done}
    >
      <TextInput
        label="Name"
        description="Stays as it is. Unique among the private networks of this environment."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <OpenstackLocation
          envId={envId}
          {...form.getInputProps('location')}
          onChange={(next) => {
            form.setValues({ location: next, externalNetwork: '' });
            form.clearFieldError('location');
          }}
        />
        <TextInput
          label="Addresses"
          description="Range of the subnet. It stays."
          placeholder="10.1.0.0/24"
          required
          spellCheck={false}
          {...form.getInputProps('cidr')}
        />
      </SimpleGrid>
      {location && (
        <OneOf
          place={{ envId, cloudPlatform: 'openstack', cloudLocation: location }}
          noun="networks"
          label="External network"
          description="A router leads to it, and floating IPs come from it. It stays."
          placeholder="None: nothing leads outside"
          only={({ attributes }) => attributes.external === true}
          {...form.getInputProps('externalNetwork')}
        />
      )}
      <NetworkFields form={form} />
    </FormDialog>
  );
}

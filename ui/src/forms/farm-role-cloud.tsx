import { Button, Select, SimpleGrid } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { isVsphere } from '../api/clouds';
import {
  allQuery,
  type InstanceType,
  type Place,
  type ResourceNoun,
  resourcesOf,
  sizesOf,
  useRefresh,
} from '../api/inventory';
import { text, texts } from '../pages/inventory/attributes';
import { gib, nOf } from '../pages/inventory/units';
import { useNames } from '../pages/inventory/useNames';
import { notifyError } from '../parts/ErrorNotice';
import { OneOf, SomeOf } from './farm-role-choice';
import type { FarmRoleValues } from './farm-role-values';

type Props = { form: UseFormReturnType<FarmRoleValues>; place: Place };

const OF_VSPHERE = [
  'networks',
  'folders',
  'clusters',
  'resource-pools',
  'datastores',
  'customization-specs',
] as const;
const OF_OPENSTACK = ['networks', 'security-groups', 'availability-zones'] as const;

/** Everything of a location that can be chosen for a farm role. */
export function choicesOf(platform: string): readonly ResourceNoun[] {
  return isVsphere(platform) ? OF_VSPHERE : OF_OPENSTACK;
}

/** Reads what can be chosen from the cloud now. */
export function ReadAgain({ place, nouns }: { place: Place; nouns: readonly ResourceNoun[] }) {
  const refresh = useRefresh(place);
  const listings = nouns.map((noun) => resourcesOf(place, noun, { sort: 'name' }));
  return (
    <Button
      size="xs"
      variant="default"
      style={{ alignSelf: 'flex-start' }}
      loading={refresh.isPending}
      onClick={() =>
        refresh.mutate(listings, { onError: (error) => notifyError('The cloud cannot be read now', error) })
      }
    >
      Read the cloud now
    </Button>
  );
}

export function InstanceTypeField({ form, place }: Props) {
  const sizes = useQuery(allQuery(sizesOf(place, { sort: 'name' })));
  return (
    <Select
      label="Instance type"
      description="vCPUs, memory and disk of each server."
      required
      searchable
      allowDeselect={false}
      disabled={!place.cloudLocation}
      data={(sizes.data?.rows ?? []).map((it) => ({ value: it.id, label: sizeLabel(it) }))}
      nothingFoundMessage="None has this in its name"
      {...form.getInputProps('instanceType')}
      onChange={(next) => form.setFieldValue('instanceType', next ?? '')}
      error={form.errors.instanceType ?? sizes.error?.message}
    />
  );
}

export function sizeLabel({ name, vcpus, memory, storage }: InstanceType): string {
  const disk = storage ? `, ${gib(storage)} disk` : '';
  return `${name}: ${nOf(vcpus, 'vCPU')}, ${gib(memory)}${disk}`;
}

export function NetworkFields({ form, place }: Props) {
  const nameOf = useNames(place, ['networks']);
  const { networks, primary } = form.values;
  const isVm = isVsphere(place.cloudPlatform);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <SomeOf
        place={place}
        noun="networks"
        label="Networks"
        description={`A network card in each, in this order. Without one, ${isVm ? "those of the template's cards" : 'those the cloud chooses'}.`}
        only={({ attributes }) => attributes.isUplink !== true && attributes.external !== true}
        {...form.getInputProps('networks')}
      />
      {networks.length > 1 && (
        <Select
          label="Primary network"
          description="That of the first network card."
          clearable
          clearButtonProps={{ 'aria-label': 'Clear primary network' }}
          placeholder={nameOf(networks[0]) ?? networks[0]}
          data={networks.map((value) => ({ value, label: nameOf(value) ?? value }))}
          value={networks.includes(primary) ? primary : null}
          onChange={(next) => form.setFieldValue('primary', next ?? '')}
        />
      )}
    </SimpleGrid>
  );
}

export function OpenstackFields({ form, place }: Props) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <SomeOf
        place={place}
        noun="security-groups"
        label="Security groups"
        description="Of the network cards. Without one, the project’s default."
        {...form.getInputProps('securityGroups')}
      />
      <SomeOf
        place={place}
        noun="availability-zones"
        label="Availability zones"
        description="Of several, the one with the fewest servers of this farm role. Without one, the cloud chooses."
        only={({ attributes }) => attributes.available !== false}
        {...form.getInputProps('zones')}
      />
      <OneOf
        place={place}
        noun="networks"
        label="Floating IP pool"
        description="An external network. Each server gets an address of it on its primary network when it first runs."
        placeholder="No floating IPs"
        only={({ attributes }) => attributes.external === true}
        {...form.getInputProps('floatingIpPool')}
      />
    </SimpleGrid>
  );
}

export function VsphereFields({ form, place }: Props) {
  const nameOf = useNames(place, ['clusters', 'resource-pools']);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <OneOf
        place={place}
        noun="folders"
        label="Folder"
        description="Where in the inventory the machines are put."
        required
        only={(row) => texts(row, 'childTypes').includes('VirtualMachine')}
        labelOf={(row) => text(row, 'path') ?? row.name}
        {...form.getInputProps('folder')}
      />
      <OneOf
        place={place}
        noun="clusters"
        label="Cluster or host"
        description="Its root pool is used. One of this and the resource pool is needed."
        {...form.getInputProps('computeResource')}
      />
      <OneOf
        place={place}
        noun="resource-pools"
        label="Resource pool"
        description="Where one is chosen, it counts."
        labelOf={(row) => {
          const owner = nameOf(text(row, 'owner') ?? row.parent);
          return owner ? `${owner} / ${row.name}` : row.name;
        }}
        {...form.getInputProps('resourcePool')}
      />
      <OneOf
        place={place}
        noun="datastores"
        label="Datastore"
        description="Without one, the template’s."
        {...form.getInputProps('dataStore')}
      />
      <OneOf
        place={place}
        noun="customization-specs"
        label="Customization specification"
        description="Gives the guest its name and addresses. Without one, the guest is as the template."
        {...form.getInputProps('customizationSpec')}
      />
    </SimpleGrid>
  );
}

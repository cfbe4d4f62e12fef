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
import { gib, nOf } from '../pages/inventory/units';
import { useNames } from '../pages/inventory/useNames';
import { notifyError } from '../parts/ErrorNotice';
import { SomeOf } from './farm-role-choice';
import type { FarmRoleValues } from './farm-role-values';

type Props = { form: UseFormReturnType<FarmRoleValues>; place: Place };

const OF_VSPHERE = [
  'networks',
  'folders',
  'clusters',
  'hosts',
  'resource-pools',
  'datastores',
  'customization-specs',
] as const;
const OF_OPENSTACK = [
  'networks',
  'security-groups',
  'availability-zones',
  'volume-types',
  'server-groups',
] as const;

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

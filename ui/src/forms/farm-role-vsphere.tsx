import { Select, SimpleGrid } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import type { Place } from '../api/inventory';
import { text, texts } from '../pages/inventory/attributes';
import { useNames } from '../pages/inventory/useNames';
import { OneOf, SomeOf } from './farm-role-choice';
import type { FarmRoleValues, Placement } from './farm-role-values';

const PLACEMENTS: { value: Placement; label: string }[] = [
  { value: 'manual', label: 'As chosen here' },
  { value: 'scalr-auto', label: 'Stackyard chooses for each server' },
];

type Props = { form: UseFormReturnType<FarmRoleValues>; place: Place };

export function VsphereFields({ form, place }: Props) {
  const nameOf = useNames(place, ['clusters', 'resource-pools']);
  const isChosen = form.values.placement === 'scalr-auto';
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
      <Select
        label="Placement"
        description="Who chooses the host and the datastore of each server."
        allowDeselect={false}
        data={PLACEMENTS}
        {...form.getInputProps('placement')}
      />
      <OneOf
        place={place}
        noun="clusters"
        label="Cluster or host"
        description={
          isChosen
            ? 'Its hosts are chosen from. Without one, all of the datacenter.'
            : 'Its root pool is used. One of this and the resource pool is needed.'
        }
        {...form.getInputProps('computeResource')}
      />
      {!isChosen && (
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
      )}
      <SomeOf
        place={place}
        noun="hosts"
        label="Hosts"
        description={
          isChosen
            ? 'Those that are chosen from. Without one, all.'
            : 'One at most. Without one, the choice of DRS.'
        }
        {...form.getInputProps('hosts')}
      />
      <OneOf
        place={place}
        noun="datastores"
        label="Datastore"
        description={
          isChosen ? 'Without one, that of the host with most room.' : 'Without one, the template’s.'
        }
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

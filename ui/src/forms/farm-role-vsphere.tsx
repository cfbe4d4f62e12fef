import { SimpleGrid } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import type { Place } from '../api/inventory';
import { text, texts } from '../pages/inventory/attributes';
import { useNames } from '../pages/inventory/useNames';
import { OneOf } from './farm-role-choice';
import type { FarmRoleValues } from './farm-role-values';

type Props = { form: UseFormReturnType<FarmRoleValues>; place: Place };

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

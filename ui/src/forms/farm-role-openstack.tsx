import { SimpleGrid } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import type { Place } from '../api/inventory';
import { OneOf, SomeOf } from './farm-role-choice';
import type { FarmRoleValues } from './farm-role-values';

type Props = { form: UseFormReturnType<FarmRoleValues>; place: Place };

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

import { Checkbox, NumberInput, SimpleGrid } from '@mantine/core';
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
      <OneOf
        place={place}
        noun="server-groups"
        label="Server group"
        description="Its policy says which servers are together on a host."
        placeholder="None"
        {...form.getInputProps('serverGroup')}
      />
      <NumberInput
        label="Root volume"
        description="GiB of a volume that is made of the image, and deleted with the server. Empty: the disk of the instance type."
        min={1}
        allowDecimal={false}
        clampBehavior="none"
        {...form.getInputProps('rootVolumeGib')}
      />
      {form.values.rootVolumeGib !== '' && (
        <OneOf
          place={place}
          noun="volume-types"
          label="Type of the root volume"
          description="Without one, the cloud’s default."
          {...form.getInputProps('rootVolumeType')}
        />
      )}
      <Checkbox
        label="Config drive"
        description="User data and metadata on a disk too, for guests that do not reach the metadata service."
        {...form.getInputProps('configDrive', { type: 'checkbox' })}
      />
    </SimpleGrid>
  );
}

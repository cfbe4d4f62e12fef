import { Select, SimpleGrid, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import { isVsphere } from '../api/clouds';
import { PROVIDERS } from '../api/clouds-names';
import type { ImageValues } from './image-values';

/** Accounts and the installation have no cloud to ask, so its ids are typed. */
export function ById({ form }: { form: UseFormReturnType<ImageValues> }) {
  const isVm = isVsphere(form.values.cloud);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label="Cloud"
        required
        allowDeselect={false}
        data={PROVIDERS}
        {...form.getInputProps('cloud')}
        data-autofocus
      />
      <TextInput
        label="Location"
        description={isVm ? 'The id of the datacenter.' : 'The name of the region, such as RegionOne.'}
        required
        {...form.getInputProps('location')}
      />
      <TextInput
        label={isVm ? 'MoRef of the template' : 'ID of the image'}
        description="As the inventory of an environment shows it. Nobody asks the cloud: a wrong one is found out when something is launched."
        required
        spellCheck={false}
        {...form.getInputProps('cloudImage')}
      />
      {isVm && (
        <TextInput
          label="vCenter"
          description="The host that has the template."
          spellCheck={false}
          {...form.getInputProps('vcenter')}
        />
      )}
    </SimpleGrid>
  );
}

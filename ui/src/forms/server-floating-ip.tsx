import { Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { allQuery, resourcesOf } from '../api/inventory';
import { environmentId, useScope } from '../api/scope';
import { serverOperations } from '../api/server-operations';
import type { Server } from '../api/servers';
import { FormDialog } from '../parts/FormDialog';

type Props = { server: Server; disabled: boolean; done: (message: string) => void };

/** A floating IP of one of the external networks of the location. */
export function AddFloatingIp({ server, disabled, done }: Props) {
  const envId = environmentId(useScope());
  const { cloudPlatform, cloudLocation } = server;
  const place = { envId, cloudPlatform, cloudLocation };
  const networks = useQuery(allQuery(resourcesOf(place, 'networks', { sort: 'name' })));
  const pools = (networks.data?.rows ?? []).filter((it) => it.attributes.external === true);
  const form = useForm({
    initialValues: { pool: '' },
    validate: { pool: (value) => (value ? null : 'Choose an external network.') },
  });
  return (
    <FormDialog
      label="Add floating IP"
      submit="Add"
      variant="default"
      disabled={disabled}
      size="xs"
      form={form}
      act={({ pool }) => serverOperations(envId, server.id).addFloatingIp(pool)}
      done={() => done('gets a floating IP')}
    >
      <Select
        label="External network"
        description="A free address of the project is taken, or a new one. It is released with the server."
        required
        searchable
        allowDeselect={false}
        data={pools.map((it) => ({ value: it.id, label: it.name }))}
        placeholder={networks.isSuccess && pools.length === 0 ? 'The location has none' : undefined}
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('pool')}
        error={form.errors.pool ?? networks.error?.message}
      />
    </FormDialog>
  );
}

import { Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { floatingIpsQuery } from '../api/floating-ips';
import { allQuery, resourcesOf } from '../api/inventory';
import { environmentId, useScope } from '../api/scope';
import { serverOperations } from '../api/server-operations';
import type { Server } from '../api/servers';
import { FormDialog } from '../parts/FormDialog';

type Props = { server: Server; disabled: boolean; done: (message: string) => void };

/** A floating IP of one of the external networks of the location, or one that was made for the environment. */
export function AddFloatingIp({ server, disabled, done }: Props) {
  const envId = environmentId(useScope());
  const { cloudPlatform, cloudLocation } = server;
  const place = { envId, cloudPlatform, cloudLocation };
  const networks = useQuery(allQuery(resourcesOf(place, 'networks', { sort: 'name' })));
  const pools = (networks.data?.rows ?? []).filter((it) => it.attributes.external === true);
  const own = useQuery(floatingIpsQuery(envId));
  const free = (own.data ?? []).filter(
    (it) => it.cloudLocation === cloudLocation && it.status === 'ready' && it.usedBy.length === 0,
  );
  const form = useForm({
    initialValues: { pool: '', floatingIp: '' },
    validate: {
      pool: (value, { floatingIp }) => (value || floatingIp ? null : 'Choose an external network.'),
    },
  });
  return (
    <FormDialog
      label="Add floating IP"
      submit="Add"
      variant="default"
      disabled={disabled}
      size="xs"
      form={form}
      act={({ pool, floatingIp }) => {
        const operations = serverOperations(envId, server.id);
        return floatingIp ? operations.associateFloatingIp(floatingIp) : operations.addFloatingIp(pool);
      }}
      done={() => done('gets a floating IP')}
    >
      <Select
        label="External network"
        description="A free address of the project is taken, or a new one. It is released with the server."
        searchable
        data={pools.map((it) => ({ value: it.id, label: it.name }))}
        placeholder={networks.isSuccess && pools.length === 0 ? 'The location has none' : undefined}
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('pool')}
        value={form.values.pool || null}
        onChange={(pool) => form.setValues({ pool: pool ?? '', floatingIp: '' })}
        error={form.errors.pool ?? networks.error?.message}
      />
      {free.length > 0 && (
        <Select
          label="Or one of this environment"
          description="It stays when the server goes."
          searchable
          data={free.map((it) => ({
            value: it.cloudFloatingIpId ?? '',
            label: `${it.name} (${it.address})`,
          }))}
          nothingFoundMessage="None has this in its name"
          {...form.getInputProps('floatingIp')}
          value={form.values.floatingIp || null}
          onChange={(floatingIp) => form.setValues({ pool: '', floatingIp: floatingIp ?? '' })}
          error={own.error?.message}
        />
      )}
    </FormDialog>
  );
}

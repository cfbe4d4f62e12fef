import { Select, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { isVsphere } from '../api/clouds';
import { allQuery, type InstanceType, sizesOf } from '../api/inventory';
import { environmentId, useScope } from '../api/scope';
import { serverOperations } from '../api/server-operations';
import type { Server } from '../api/servers';
import { FormDialog } from '../parts/FormDialog';
import { sizeLabel } from './farm-role-cloud';

type Props = { server: Server; disabled: boolean; done: (message: string) => void };

/** Gives a server another instance type of its location. */
export function ResizeServer({ server, disabled, done }: Props) {
  const envId = environmentId(useScope());
  const { cloudPlatform, cloudLocation, instanceType } = server;
  const place = { envId, cloudPlatform, cloudLocation };
  const sizes = useQuery(allQuery(sizesOf(place, { sort: 'name' })));
  const now = sizes.data?.rows.find((it) => it.id === instanceType.id);
  const isVm = isVsphere(cloudPlatform);
  const isUp = server.status === 'running';
  const form = useForm({
    initialValues: { size: '' },
    validate: { size: (value) => (value ? null : 'Choose an instance type.') },
  });
  return (
    <FormDialog
      label="Resize"
      submit="Resize"
      variant="default"
      disabled={disabled}
      form={form}
      act={({ size }) => serverOperations(envId, server.id).resize(size)}
      done={() => done('is being resized')}
    >
      <Text size="sm">
        {isVm
          ? isUp
            ? 'It runs, so it can only grow, and only where hot add is switched on for the machine.'
            : 'It has to be off for this; a suspended machine is not off.'
          : isUp
            ? 'It is restarted for this, and does not answer meanwhile.'
            : 'It stays off. One that is suspended in its cloud has to be resumed first.'}
      </Text>
      <Select
        label="Instance type"
        description={`Now ${now ? sizeLabel(now) : instanceType.id}. What cannot be reached from there cannot be chosen.`}
        required
        searchable
        allowDeselect={false}
        limit={200}
        data={(sizes.data?.rows ?? [])
          .filter((it) => it.id !== instanceType.id)
          .map((it) => {
            const why = now && unreachable(now, it, isVm && isUp);
            return { value: it.id, label: sizeLabel(it) + (why ? ` (${why})` : ''), disabled: Boolean(why) };
          })}
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('size')}
        error={form.errors.size ?? sizes.error?.message}
      />
    </FormDialog>
  );
}

/** Nova makes no disk smaller (https://docs.openstack.org/nova/latest/user/resize.html), and hot add only adds. */
function unreachable(now: InstanceType, next: InstanceType, isHot: boolean): string | undefined {
  if ((next.storage ?? 0) < (now.storage ?? 0)) return 'its disk is smaller';
  if (isHot && (next.vcpus < now.vcpus || next.memory < now.memory)) return 'smaller, and it runs';
  return undefined;
}

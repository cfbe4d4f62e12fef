import { Button, Group, NumberInput, Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';

import { isVsphere } from '../api/clouds';
import { type Farm, type FarmRole, useSaveFarmRole } from '../api/farms';
import { ErrorNotice } from '../parts/ErrorNotice';
import { choicesOf, InstanceTypeField, NetworkFields, ReadAgain } from './farm-role-cloud';
import { NameFields } from './farm-role-names';
import { OpenstackFields } from './farm-role-openstack';
import { PlaceFields } from './farm-role-place';
import { bodyOf, type FarmRoleValues, valuesOf, wrong } from './farm-role-values';
import { VsphereFields } from './farm-role-vsphere';

type Props = {
  envId: number;
  farm: Farm;
  farmRole?: FarmRole;
  done: (made: FarmRole) => void;
  cancel: () => void;
};

/** Adds a tier to a farm, or changes the one given. */
export function FarmRoleForm({ envId, farm, farmRole, done, cancel }: Props) {
  const form = useForm<FarmRoleValues>({ initialValues: valuesOf(farmRole), validate: wrong });
  const save = useSaveFarmRole(envId, farm.id ?? 0, farmRole?.id ?? undefined);
  const { cloud, location } = form.values;
  const place = { envId, cloudPlatform: cloud, cloudLocation: location };
  const submit = form.onSubmit(
    (values) => save.mutate(bodyOf(values, farmRole), { onSuccess: done }),
    (errors) => form.getInputNode(FIELDS.find((it) => errors[it]) ?? '')?.focus(),
  );
  return (
    <form onSubmit={submit} noValidate aria-label="Farm role">
      <Stack gap="md" maw={980}>
        <Part title="What and where">
          <PlaceFields envId={envId} form={form} isNew={!farmRole} />
          {location && <InstanceTypeField form={form} place={place} />}
        </Part>
        <Part title="How many">
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <NumberInput
              label="At least"
              description="A running farm replaces servers down to this."
              min={0}
              allowDecimal={false}
              clampBehavior="none"
              {...form.getInputProps('min')}
            />
            <NumberInput
              label="At most"
              description="More can be launched by hand, up to this."
              min={1}
              allowDecimal={false}
              clampBehavior="none"
              {...form.getInputProps('max')}
            />
            <NumberInput
              label="Launch index"
              description={
                farm.launchOrder === 'sequential'
                  ? 'Smaller ones begin earlier.'
                  : 'Counts in farms with sequential launch order.'
              }
              min={0}
              allowDecimal={false}
              clampBehavior="none"
              {...form.getInputProps('launchIndex')}
            />
            <NumberInput
              label="Wait for port"
              description="A server runs only when this TCP port takes a connection. Empty: when it is on."
              min={1}
              allowDecimal={false}
              clampBehavior="none"
              {...form.getInputProps('waitForPort')}
            />
          </SimpleGrid>
        </Part>
        {location && (
          <Part
            title={isVsphere(cloud) ? 'Networks and placement' : 'Networks and security'}
            action={<ReadAgain place={place} nouns={choicesOf(cloud)} />}
          >
            <NetworkFields form={form} place={place} />
            {isVsphere(cloud) ? (
              <VsphereFields form={form} place={place} />
            ) : (
              <OpenstackFields form={form} place={place} />
            )}
          </Part>
        )}
        <Part title="Names and user data">
          <NameFields form={form} />
        </Part>
        <ErrorNotice error={save.error} title={farmRole ? 'Nothing was changed' : 'Nothing was added'} />
        <Group gap="sm">
          <Button type="submit" loading={save.isPending}>
            {farmRole ? 'Save' : 'Add farm role'}
          </Button>
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** As they are on the page, so that the first wrong one is found. */
const FIELDS: (keyof FarmRoleValues)[] = [
  'alias',
  'role',
  'cloud',
  'location',
  'instanceType',
  'min',
  'max',
  'launchIndex',
  'waitForPort',
  'networks',
  'rootVolumeGib',
  'folder',
  'computeResource',
  'hosts',
  'instanceName',
  'userData',
];

function Part({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4">
            {title}
          </Title>
          {action}
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}

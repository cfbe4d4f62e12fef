import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { environmentId, useScope } from '../api/scope';
import { serverOperations } from '../api/server-operations';
import type { Server } from '../api/servers';
import { volumesQuery } from '../api/volumes';
import { gib } from '../pages/inventory/units';
import { FormDialog } from '../parts/FormDialog';

/** In place of an id, for volumes that were not made here. */
const OTHER = 'other';

type Props = { server: Server; disabled: boolean; done: (message: string) => void };

/** Attaches a volume of the environment that no server has, or another one of the project. */
export function AttachVolume({ server, disabled, done }: Props) {
  const envId = environmentId(useScope());
  const volumes = useQuery(volumesQuery(envId));
  const free = (volumes.data ?? []).filter(
    (it) =>
      it.status === 'ready' &&
      it.cloudVolumeId &&
      it.attachedTo.length === 0 &&
      it.cloudPlatform === server.cloudPlatform &&
      it.cloudLocation === server.cloudLocation,
  );
  const form = useForm({
    initialValues: { volume: '', id: '' },
    validate: {
      volume: (value) => (value ? null : 'Choose a volume.'),
      id: (value, { volume }) => (volume === OTHER && !value.trim() ? 'Enter the id of a volume.' : null),
    },
  });
  return (
    <FormDialog
      label="Attach volume"
      submit="Attach"
      variant="default"
      disabled={disabled}
      size="xs"
      form={form}
      act={({ volume, id }) =>
        serverOperations(envId, server.id).attachVolume(volume === OTHER ? id.trim() : volume)
      }
      done={() => done('gets the volume')}
    >
      <Select
        label="Volume"
        description={
          volumes.isSuccess && free.length === 0
            ? 'This environment has none that is free here. Make one on the page Volumes.'
            : 'Of this environment, at this location, attached to nothing.'
        }
        required
        searchable
        allowDeselect={false}
        data={[
          ...free.map((it) => ({ value: it.cloudVolumeId ?? '', label: `${it.name}: ${gib(it.sizeGib)}` })),
          { value: OTHER, label: 'Another volume of the project, by its ID' },
        ]}
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('volume')}
        error={form.errors.volume ?? volumes.error?.message}
      />
      {form.values.volume === OTHER && (
        <TextInput
          label="ID of the volume"
          description="Of a Cinder volume of the project that is there and attached to nothing."
          required
          spellCheck={false}
          {...form.getInputProps('id')}
        />
      )}
    </FormDialog>
  );
}

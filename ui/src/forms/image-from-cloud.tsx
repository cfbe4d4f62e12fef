import { Select, SimpleGrid } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { cloudsQuery, locationsQuery } from '../api/clouds';
import { cloudName } from '../api/clouds-names';
import { type Image, imagesQuery } from '../api/images';
import { allQuery, type Place, type Resource, resourcesOf } from '../api/inventory';
import type { Os } from '../api/os';
import { useScope } from '../api/scope';
import { text, texts } from '../pages/inventory/attributes';
import { bytes } from '../pages/inventory/units';
import { ErrorNotice } from '../parts/ErrorNotice';
import { ReadAgain } from './farm-role-cloud';
import { type ImageValues, NEW_IMAGE, toldBy } from './image-values';

type Props = { envId: number; form: UseFormReturnType<ImageValues>; systems: Os[] };

/** Of the clouds of this environment, a location, and of its images one that is not registered yet. */
export function FromCloud({ envId, form, systems }: Props) {
  const { cloud, location } = form.values;
  const links = useQuery(cloudsQuery(envId));
  const locations = useQuery({ ...locationsQuery(envId, cloud), enabled: cloud !== '' });
  const clouds = (links.data ?? []).map((it) => ({ value: it.cloud, label: cloudName(it.cloud) }));
  const places = (cloud && locations.data ? locations.data : []).map((it) => ({
    value: it.cloudLocation,
    label: it.vcenter ? `${it.name} (${new URL(it.vcenter).host})` : it.name,
  }));
  const place = { envId, cloudPlatform: cloud, cloudLocation: location };

  // Where there is no choice, nobody has to make it.
  const { setValues } = form;
  const onlyCloud = clouds.length === 1 ? clouds[0]?.value : undefined;
  const onlyPlace = places.length === 1 ? places[0]?.value : undefined;
  useEffect(() => {
    if (!cloud && onlyCloud) setValues({ cloud: onlyCloud });
  }, [cloud, onlyCloud, setValues]);
  useEffect(() => {
    if (cloud && !location && onlyPlace) setValues({ location: onlyPlace });
  }, [cloud, location, onlyPlace, setValues]);

  const choose = (changes: Partial<ImageValues>) => {
    form.setValues({ cloudImage: '', ...changes });
    Object.keys(changes).forEach((field) => form.clearFieldError(field));
  };
  return (
    <>
      <ErrorNotice
        error={links.error}
        retry={() => void links.refetch()}
        title="The clouds cannot be listed"
      />
      <ErrorNotice
        error={locations.error}
        retry={() => void locations.refetch()}
        title="The locations cannot be listed"
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label="Cloud"
          description="Linked to this environment."
          required
          allowDeselect={false}
          data={clouds}
          placeholder={links.data?.length === 0 ? 'No cloud is linked to this environment' : undefined}
          {...form.getInputProps('cloud')}
          onChange={(next) => choose({ cloud: next ?? '', location: '' })}
        />
        <Select
          label="Location"
          description="Region or datacenter."
          required
          searchable
          disabled={!cloud}
          allowDeselect={false}
          data={places}
          nothingFoundMessage="None has this in its name"
          {...form.getInputProps('location')}
          onChange={(next) => choose({ location: next ?? '' })}
        />
      </SimpleGrid>
      {location && <CloudImage form={form} place={place} systems={systems} />}
    </>
  );
}

type CloudImageProps = Omit<Props, 'envId'> & { place: Place };

function CloudImage({ form, place, systems }: CloudImageProps) {
  const images = useQuery(allQuery(resourcesOf(place, 'cloud-images', { sort: 'name' })));
  const registered = useQuery(imagesQuery(useScope()));
  const rows = images.data?.rows ?? [];
  const choices = rows.map((it) => choiceOf(it, place, registered.data ?? []));
  const choose = (id: string | null) => {
    const row = rows.find((it) => it.id === id);
    const told = row ? toldBy(row, systems) : {};
    const { os, architecture } = form.values;
    // What somebody has chosen stays; what the cloud says stands in for what nobody has.
    form.setValues({
      cloudImage: id ?? '',
      os: os || (told.os ?? ''),
      architecture:
        architecture === NEW_IMAGE.architecture ? (told.architecture ?? architecture) : architecture,
    });
    form.clearFieldError('cloudImage');
  };
  return (
    <>
      <Select
        label="Image"
        description="As the cloud lists it. Those that are registered already, or are no use yet, cannot be chosen."
        required
        searchable
        allowDeselect={false}
        limit={200}
        data={choices}
        placeholder={
          images.isPending ? 'Loading' : rows.length === 0 ? 'The cloud lists none here' : undefined
        }
        nothingFoundMessage="None has this in its name or id"
        filter={({ options, search }) => {
          const wanted = search.trim().toLowerCase();
          return options.filter(
            (it) =>
              'value' in it &&
              (it.label.toLowerCase().includes(wanted) || it.value.toLowerCase().includes(wanted)),
          );
        }}
        {...form.getInputProps('cloudImage')}
        onChange={choose}
        error={form.errors.cloudImage ?? images.error?.message}
      />
      <ReadAgain place={place} nouns={['cloud-images']} />
    </>
  );
}

function choiceOf(row: Resource, place: Place, registered: Image[]) {
  const known = registered.find(
    (it) =>
      it.cloudPlatform === place.cloudPlatform &&
      it.cloudLocation === place.cloudLocation &&
      it.cloudImageId === row.id,
  );
  // Glance's words of state; a template of vSphere has none that counts.
  const isUseless = Boolean(row.status) && GLANCE_UNFIT.includes(row.status ?? '');
  const facts = [
    text(row, 'guestFullName') ?? [text(row, 'osDistro'), text(row, 'osVersion')].filter(Boolean).join(' '),
    row.capacityBytes ? bytes(row.capacityBytes) : undefined,
    ...texts(row, 'tags'),
    known ? `registered as ${known.name}` : isUseless ? row.status : undefined,
  ].filter(Boolean);
  return {
    value: row.id,
    label: facts.length > 0 ? `${row.name}: ${facts.join(', ')}` : row.name,
    disabled: Boolean(known) || isUseless,
  };
}

/** https://docs.openstack.org/glance/latest/user/statuses.html: all but `active`. */
const GLANCE_UNFIT = [
  'queued',
  'saving',
  'uploading',
  'importing',
  'deactivated',
  'killed',
  'deleted',
  'pending_delete',
];

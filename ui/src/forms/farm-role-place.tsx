import { Select, SimpleGrid, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { cloudsQuery, locationsQuery } from '../api/clouds';
import { cloudName } from '../api/clouds-names';
import { roleImagesQuery, rolesQuery } from '../api/roles';
import type { Scope } from '../api/scope';
import { ErrorNotice } from '../parts/ErrorNotice';
import { RoleOption } from './farm-role-option';
import { type FarmRoleValues, OF_PLACE } from './farm-role-values';

type Props = { envId: number; form: UseFormReturnType<FarmRoleValues>; isNew: boolean };

/** The role, and of the clouds of this environment those that the role has an image for. */
export function PlaceFields({ envId, form, isNew }: Props) {
  const { role, cloud, location } = form.values;
  const scope: Scope = { kind: 'environment', id: envId };
  const roles = useQuery(rolesQuery(scope));
  const images = useQuery({ ...roleImagesQuery(scope, Number(role)), enabled: role !== '' });
  const links = useQuery(cloudsQuery(envId));
  const locations = useQuery({ ...locationsQuery(envId, cloud), enabled: cloud !== '' });
  const has = (platform: string, at?: string) =>
    (images.data ?? []).some((it) => it.cloudPlatform === platform && (!at || it.cloudLocation === at));
  const clouds = (links.data ?? [])
    .filter((it) => !isNew || has(it.cloud))
    .map((it) => ({ value: it.cloud, label: cloudName(it.cloud) }));
  const places = (cloud && locations.data ? locations.data : [])
    .filter((it) => !isNew || has(cloud, it.cloudLocation))
    .map((it) => ({
      value: it.cloudLocation,
      label: it.vcenter ? `${it.name} (${new URL(it.vcenter).host})` : it.name,
    }));
  const isNowhere = isNew && role !== '' && images.isSuccess && links.isSuccess && clouds.length === 0;

  // Where there is no choice, nobody has to make it.
  const { setValues } = form;
  const onlyCloud = clouds.length === 1 ? clouds[0]?.value : undefined;
  const onlyPlace = places.length === 1 ? places[0]?.value : undefined;
  useEffect(() => {
    if (isNew && !cloud && onlyCloud) setValues({ cloud: onlyCloud });
  }, [isNew, cloud, onlyCloud, setValues]);
  useEffect(() => {
    if (isNew && cloud && !location && onlyPlace) setValues({ location: onlyPlace });
  }, [isNew, cloud, location, onlyPlace, setValues]);

  const choose = (changes: Partial<FarmRoleValues>) => {
    form.setValues({ ...OF_PLACE, ...changes });
    Object.keys(changes).forEach((field) => form.clearFieldError(field));
  };
  return (
    <>
      <ErrorNotice
        error={roles.error}
        retry={() => void roles.refetch()}
        title="The roles cannot be listed"
      />
      <ErrorNotice
        error={images.error}
        retry={() => void images.refetch()}
        title="The images of the role cannot be listed"
      />
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
        <TextInput
          label="Alias"
          description="What the tier is called in this farm, such as web."
          required
          data-autofocus
          {...form.getInputProps('alias')}
        />
        <Select
          label="Role"
          description="What its servers are launched from."
          required
          searchable
          disabled={!isNew}
          allowDeselect={false}
          data={(roles.data ?? []).map((it) => ({
            value: String(it.id),
            label: it.deprecated ? `${it.name} (deprecated)` : (it.name ?? String(it.id)),
          }))}
          // Each that is drawn asks for its images.
          limit={30}
          renderOption={({ option }) => (
            <RoleOption envId={envId} id={Number(option.value)} name={option.label} />
          )}
          nothingFoundMessage="No role has this in its name"
          placeholder={roles.data?.length === 0 ? 'There are no roles yet' : undefined}
          {...form.getInputProps('role')}
          onChange={(next) => choose({ role: next ?? '', cloud: '', location: '' })}
          error={
            form.errors.role ??
            (isNowhere &&
              'It has no image for a cloud of this environment. Register an image there and add it to the role.')
          }
        />
        <Select
          label="Cloud"
          description="Linked to this environment, with an image of the role."
          required
          disabled={!isNew || !role}
          allowDeselect={false}
          data={clouds}
          {...form.getInputProps('cloud')}
          onChange={(next) => choose({ cloud: next ?? '', location: '' })}
        />
        <Select
          label="Location"
          description="Region or datacenter that the role has an image in."
          required
          searchable
          disabled={!isNew || !cloud}
          allowDeselect={false}
          data={places}
          {...form.getInputProps('location')}
          onChange={(next) => choose({ location: next ?? '' })}
        />
      </SimpleGrid>
    </>
  );
}

import { Select, type SelectProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { locationsQuery } from '../api/clouds';

type Props = Omit<SelectProps, 'data' | 'value' | 'onChange'> & {
  envId: number;
  value?: string;
  onChange?: (location: string) => void;
};

/** A region of the OpenStack that the environment is linked to. Where there is no choice, nobody has to make it. */
export function OpenstackLocation({ envId, value = '', onChange, ...field }: Props) {
  const locations = useQuery(locationsQuery(envId, 'openstack'));
  const choices = (locations.data ?? []).map((it) => ({ value: it.cloudLocation, label: it.name }));
  const only = choices.length === 1 ? choices[0]?.value : undefined;
  useEffect(() => {
    if (!value && only) onChange?.(only);
  }, [value, only, onChange]);
  return (
    <Select
      label="Location"
      description="Region of OpenStack."
      required
      searchable
      allowDeselect={false}
      nothingFoundMessage="None has this in its name"
      {...field}
      data={choices}
      value={value || null}
      onChange={(next) => onChange?.(next ?? '')}
      error={field.error ?? locations.error?.message}
    />
  );
}

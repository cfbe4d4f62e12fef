import { MultiSelect, type MultiSelectProps, Select, type SelectProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { allQuery, type Place, type Resource, type ResourceNoun, resourcesOf } from '../api/inventory';

export type Choice = { value: string; label: string };

type Choosing = {
  place: Place;
  noun: ResourceNoun;
  label: string;
  /** Those that can be chosen; all without it. */
  only?: (row: Resource) => boolean;
  labelOf?: (row: Resource) => string;
};

/** Things of a location, by name. What was chosen and is there no longer keeps its id, so that it can be seen. */
function useChoices({ place, noun, only, labelOf }: Choosing, chosen: string[]) {
  const { data, error, isPending } = useQuery(allQuery(resourcesOf(place, noun, { sort: 'name' })));
  const choices: Choice[] = (data?.rows ?? [])
    .filter((it) => only?.(it) ?? true)
    .map((it) => ({ value: it.id, label: labelOf?.(it) ?? it.name }));
  for (const value of chosen)
    if (value && !choices.some((it) => it.value === value)) choices.push({ value, label: value });
  return { choices, isPending, error: error?.message };
}

type OneOfProps = Choosing &
  Omit<SelectProps, 'data' | 'value' | 'onChange'> & {
    /** Empty: none. */
    value?: string;
    onChange?: (value: string) => void;
  };

export function OneOf({ place, noun, label, only, labelOf, value = '', onChange, ...field }: OneOfProps) {
  const { choices, isPending, error } = useChoices({ place, noun, label, only, labelOf }, [value]);
  return (
    <Select
      searchable
      clearable={!field.required}
      allowDeselect={!field.required}
      clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()}` }}
      limit={200}
      nothingFoundMessage="None has this in its name"
      {...field}
      label={label}
      placeholder={isPending ? 'Loading' : field.placeholder}
      data={choices}
      value={value || null}
      onChange={(next) => onChange?.(next ?? '')}
      error={field.error ?? error}
    />
  );
}

type SomeOfProps = Choosing & Omit<MultiSelectProps, 'data' | 'value'> & { value?: string[] };

export function SomeOf({ place, noun, label, only, labelOf, value = [], ...field }: SomeOfProps) {
  const { choices, isPending, error } = useChoices({ place, noun, label, only, labelOf }, value);
  return (
    <MultiSelect
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()}` }}
      limit={200}
      nothingFoundMessage="None has this in its name"
      {...field}
      label={label}
      placeholder={value.length > 0 ? undefined : isPending ? 'Loading' : field.placeholder}
      data={choices}
      value={value}
      error={field.error ?? error}
    />
  );
}

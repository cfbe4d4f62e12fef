import { MultiSelect, Select } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { allQuery, type Place, type Resource, type ResourceNoun, resourcesOf } from '../api/inventory';
import type { FarmRoleValues } from './farm-role-values';

export type Choice = { value: string; label: string };
type Field = keyof FarmRoleValues;

type Props = {
  form: UseFormReturnType<FarmRoleValues>;
  place: Place;
  noun: ResourceNoun;
  name: Field;
  label: string;
  description?: string;
  required?: boolean;
  placeholder?: string;
  /** Those that can be chosen; all without it. */
  only?: (row: Resource) => boolean;
  labelOf?: (row: Resource) => string;
};

/** Things of a location, by name. What was chosen and is there no longer keeps its id, so that it can be seen. */
function useChoices({ place, noun, only, labelOf }: Props, chosen: string[]) {
  const { data, error, isPending } = useQuery(allQuery(resourcesOf(place, noun, { sort: 'name' })));
  const choices: Choice[] = (data?.rows ?? [])
    .filter((it) => only?.(it) ?? true)
    .map((it) => ({ value: it.id, label: labelOf?.(it) ?? it.name }));
  for (const value of chosen)
    if (value && !choices.some((it) => it.value === value)) choices.push({ value, label: value });
  return { choices, isPending, error: error?.message };
}

export function OneOf(props: Props) {
  const { form, name, label, description, required, placeholder } = props;
  const value = form.values[name] as string;
  const { choices, isPending, error } = useChoices(props, [value]);
  return (
    <Select
      label={label}
      description={description}
      required={required}
      searchable
      clearable={!required}
      allowDeselect={!required}
      clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()}` }}
      placeholder={isPending ? 'Loading' : placeholder}
      data={choices}
      limit={200}
      nothingFoundMessage="None has this in its name"
      {...form.getInputProps(name)}
      value={value || null}
      onChange={(next) => form.setFieldValue(name, next ?? '')}
      error={form.errors[name] ?? error}
    />
  );
}

export function SomeOf(props: Props) {
  const { form, name, label, description, placeholder } = props;
  const value = form.values[name] as string[];
  const { choices, isPending, error } = useChoices(props, value);
  return (
    <MultiSelect
      label={label}
      description={description}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()}` }}
      placeholder={value.length > 0 ? undefined : isPending ? 'Loading' : placeholder}
      data={choices}
      limit={200}
      nothingFoundMessage="None has this in its name"
      {...form.getInputProps(name)}
      error={form.errors[name] ?? error}
    />
  );
}

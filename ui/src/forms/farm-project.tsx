import { Select, type SelectProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { ownEnvironmentQuery } from '../api/environments';
import { projectsQuery } from '../api/projects';

/** What the form has for no project. */
const NONE = '';

type Props = Omit<SelectProps, 'data' | 'value' | 'onChange'> & {
  envId: number;
  value?: string;
  onChange?: (project: string) => void;
};

/** What a farm is for. Where the environment has a cost center, only projects of that can be chosen. */
export function FarmProject({ envId, value = NONE, onChange, ...field }: Props) {
  const projects = useQuery(projectsQuery({ kind: 'environment', id: envId }));
  const environment = useQuery(ownEnvironmentQuery(envId));
  const costCenter = environment.data?.costCenter?.id;
  const choices = (projects.data ?? [])
    .filter((it) => !costCenter || it.costCenter?.id === costCenter || it.id === value)
    .map((it) => ({ value: it.id ?? '', label: it.name ?? it.id ?? '' }));
  if (value && !choices.some((it) => it.value === value)) choices.push({ value, label: value });
  return (
    <Select
      label="Project"
      description={
        choices.length === 0 && projects.isSuccess
          ? 'There is none to choose; they are made on the page Projects.'
          : 'What the farm is for. It may have none.'
      }
      searchable
      allowDeselect={false}
      nothingFoundMessage="None has this in its name"
      {...field}
      data={[{ value: NONE, label: 'None' }, ...choices]}
      value={value}
      onChange={(next) => onChange?.(next ?? NONE)}
      error={field.error ?? projects.error?.message}
    />
  );
}

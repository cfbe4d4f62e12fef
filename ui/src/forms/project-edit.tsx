import { Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { costCentersQuery } from '../api/cost-centers';
import { createProject, type Project, updateProject } from '../api/projects';
import { useScope } from '../api/scope';
import { FormDialog } from '../parts/FormDialog';
import { chargeBodyOf, ChargeFields, chargeValuesOf, NameField, wrongCharge } from './charge-fields';

type Props = { project?: Project; done: (made: Project) => void };

/** Makes a project of the scope, or changes the one given. */
export function ProjectForm({ project, done }: Props) {
  const scope = useScope();
  const costCenters = useQuery(costCentersQuery(scope));
  const form = useForm({
    initialValues: { ...chargeValuesOf(project), costCenter: project?.costCenter?.id ?? '' },
    validate: {
      ...wrongCharge('project'),
      costCenter: (value: string) => (value ? null : 'Choose a cost center.'),
    },
  });
  return (
    <FormDialog
      label={project ? 'Edit' : 'New project'}
      aria-label={project ? `Edit ${project.name}` : undefined}
      submit={project ? 'Save' : 'Create'}
      variant={project ? 'default' : 'filled'}
      size={project ? 'xs' : 'sm'}
      form={form}
      act={(values) => {
        const body = chargeBodyOf(values);
        return project?.id
          ? updateProject(scope, project.id, body)
          : createProject(scope, { ...body, costCenter: { id: values.costCenter } });
      }}
      done={done}
    >
      <NameField input={(name) => form.getInputProps(name)} />
      <Select
        label="Cost center"
        description={
          costCenters.data?.length === 0
            ? 'There is none yet; an administrator of the installation makes them at Scalr scope.'
            : 'Whom what is used is charged to. It stays.'
        }
        required
        searchable
        allowDeselect={false}
        disabled={Boolean(project)}
        data={(costCenters.data ?? []).map((it) => ({ value: it.id ?? '', label: it.name ?? '' }))}
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('costCenter')}
        error={form.errors.costCenter ?? costCenters.error?.message}
      />
      <ChargeFields input={(name) => form.getInputProps(name)} />
    </FormDialog>
  );
}

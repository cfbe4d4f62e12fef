import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { costCentersQuery } from '../../api/cost-centers';
import { deleteProject, type Project, projectsQuery } from '../../api/projects';
import { useScope } from '../../api/scope';
import { useSession } from '../../api/session';
import { ProjectForm } from '../../forms/project-edit';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { isOwn, scopeLabel } from '../images/names';

/** What farms are for. */
export function ProjectsPage() {
  const scope = useScope();
  const list = useQuery(projectsQuery(scope));
  const costCenters = useQuery(costCentersQuery(scope));
  const { isGlobalAdministrator } = useSession();
  const queries = useQueryClient();
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: ['projects'] });
    notifications.show({ message });
  };
  const costCenter = ({ costCenter }: Project) =>
    costCenters.data?.find((it) => it.id === costCenter?.id)?.name ?? costCenter?.id ?? '–';
  const columns: Column<Project>[] = [
    { id: 'name', label: 'Name', sort: 'name', text: (row) => row.name ?? '', cell: (row) => row.name },
    { id: 'costCenter', label: 'Cost center', sort: 'costCenter', text: costCenter, cell: costCenter },
    {
      id: 'billingCode',
      label: 'Billing code',
      sort: 'billingCode',
      text: (row) => row.billingCode ?? '',
      cell: (row) => row.billingCode || '–',
    },
    {
      id: 'leadEmail',
      label: 'Lead',
      sort: 'leadEmail',
      text: (row) => row.leadEmail ?? '',
      cell: (row) => row.leadEmail || '–',
    },
    {
      id: 'description',
      label: 'Description',
      text: (row) => row.description ?? '',
      cell: (row) => row.description || '–',
    },
    {
      id: 'scope',
      label: 'Scope',
      sort: 'scope',
      text: (row) => scopeLabel(row.scope),
      cell: (row) => scopeLabel(row.scope),
    },
    {
      id: 'actions',
      label: 'Actions',
      cell: (row) =>
        isOwn(scope, row.scope) ? (
          <Group gap="xs" wrap="nowrap">
            <ProjectForm
              key={JSON.stringify(row)}
              project={row}
              done={({ name }) => done(`Project ${name} is saved.`)}
            />
            <Confirm
              label="Delete"
              aria-label={`Delete ${row.name}`}
              question={`Delete the project ${row.name}?`}
              act={() => deleteProject(scope, row.id ?? '')}
              done={() => done(`Project ${row.name} is deleted.`)}
            >
              One that farms are of is not deleted.
            </Confirm>
          </Group>
        ) : (
          '–'
        ),
    },
  ];
  const hasNone = costCenters.data?.length === 0;
  const create = !hasNone && <ProjectForm done={({ name }) => done(`Project ${name} is created.`)} />;
  return (
    <ListPage
      title="Projects"
      hint="What farms are for, each of one cost center. Those of scopes above are seen here, and changed there."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => row.id ?? ''}
      words={(row) => [row.name, costCenter(row), row.billingCode, row.leadEmail, row.description]}
      empty={
        <Empty title="No projects yet" action={hasNone ? isGlobalAdministrator && <ToCostCenters /> : create}>
          {hasNone
            ? 'A project is of a cost center, and there is none yet: an administrator of the installation makes them at Scalr scope.'
            : 'Make one, then choose it for a farm.'}
        </Empty>
      }
    />
  );
}

function ToCostCenters() {
  return (
    <Button component={Link} to="/$scope/cost-centers" params={{ scope: 'global' } as never}>
      Open cost centers
    </Button>
  );
}

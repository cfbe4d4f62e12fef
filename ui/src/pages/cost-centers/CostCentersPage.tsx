import { Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { type CostCenter, costCentersQuery, deleteCostCenter } from '../../api/cost-centers';
import { useScope } from '../../api/scope';
import { CostCenterForm } from '../../forms/cost-center-edit';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';

/** Whom what is used is charged to. */
export function CostCentersPage() {
  const scope = useScope();
  const list = useQuery(costCentersQuery(scope));
  const queries = useQueryClient();
  const isHere = scope.kind === 'global';
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: ['cost-centers'] });
    notifications.show({ message });
  };
  const create = isHere && <CostCenterForm done={({ name }) => done(`Cost center ${name} is created.`)} />;
  return (
    <ListPage
      title="Cost centers"
      hint={
        isHere
          ? 'Whom what is used is charged to: environments may have one, and every project has one.'
          : 'Whom what is used is charged to. They are made and changed at Scalr scope.'
      }
      actions={create}
      list={list}
      columns={isHere ? [...COLUMNS, actions(done)] : COLUMNS}
      rowKey={(row) => row.id ?? ''}
      words={(row) => [row.name, row.billingCode, row.leadEmail, row.description]}
      empty={
        <Empty title="No cost centers yet" action={create}>
          {isHere
            ? 'Make one for each that pays; then projects can be made that are of it, and farms of those.'
            : 'An administrator of the installation makes them at Scalr scope.'}
        </Empty>
      }
    />
  );
}

const COLUMNS: Column<CostCenter>[] = [
  { id: 'name', label: 'Name', sort: 'name', text: (row) => row.name ?? '', cell: (row) => row.name },
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
];

function actions(done: (message: string) => void): Column<CostCenter> {
  return {
    id: 'actions',
    label: 'Actions',
    cell: (row) => (
      <Group gap="xs" wrap="nowrap">
        <CostCenterForm
          key={JSON.stringify(row)}
          costCenter={row}
          done={({ name }) => done(`Cost center ${name} is saved.`)}
        />
        <Confirm
          label="Delete"
          aria-label={`Delete ${row.name}`}
          question={`Delete the cost center ${row.name}?`}
          act={() => deleteCostCenter(row.id ?? '')}
          done={() => done(`Cost center ${row.name} is deleted.`)}
        >
          One that environments or projects have is not deleted.
        </Confirm>
      </Group>
    ),
  };
}

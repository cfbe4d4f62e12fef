import { Button, Group, Loader } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { cancelTask, type CloudTask, cloudTasksQuery, isUnderWay } from '../../api/cloud-tasks';
import type { Place } from '../../api/inventory';
import { Confirm } from '../../parts/Confirm';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { FilterSelect } from '../../parts/FilterSelect';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { useListState } from '../inventory/address';
import { AskAgain } from './AskAgain';

const STATES = ['queued', 'running', 'succeeded', 'failed'].map((value) => ({ value, label: value }));

type Props = { place: Place; locationName: string };

/** What the vCenter does and did in the last minutes, whoever asked for it. */
export function Tasks({ place, locationName }: Props) {
  const [{ state }, change] = useListState();
  const list = useQuery(cloudTasksQuery(place, state));
  const queries = useQueryClient();
  const rows = list.data ?? [];
  const cancelled = ({ name }: CloudTask) => {
    void queries.invalidateQueries({ queryKey: ['cloud-tasks'] });
    notifications.show({ message: `The vCenter is asked to end ${name}.` });
  };
  return (
    <>
      <Group gap="xs" role="search" aria-label="Filter of tasks">
        <FilterSelect
          label="State"
          choices={STATES}
          value={state}
          onChange={(next) => change({ state: next })}
        />
        <AskAgain askedAt={list.dataUpdatedAt} isAsking={list.isRefetching} ask={() => void list.refetch()} />
      </Group>
      <ErrorNotice error={list.error} retry={() => void list.refetch()} title="The tasks cannot be listed" />
      {list.isPending && <Loader role="status" aria-label="Loading tasks" />}
      {list.data && (
        <DataTable
          label={`Tasks of ${locationName}`}
          columns={columns(place, cancelled)}
          rowCount={rows.length}
          rowAt={(index) => rows[index]}
          rowKey={(row) => row.id}
          empty={
            state ? (
              <Empty
                title={`No task is ${state}`}
                action={
                  <Button variant="default" onClick={() => change({ state: undefined })}>
                    Show all tasks
                  </Button>
                }
              />
            ) : (
              <Empty title="No tasks">
                The vCenter does nothing in {locationName}, and did nothing in the last minutes.
              </Empty>
            )
          }
        />
      )}
    </>
  );
}

function columns(place: Place, cancelled: (task: CloudTask) => void): Column<CloudTask>[] {
  const objectText = ({ object }: CloudTask) => (object ? `${object.type} ${object.name || object.id}` : '–');
  return [
    { id: 'name', label: 'Task', text: (row) => row.name, cell: (row) => row.name },
    {
      id: 'state',
      label: 'State',
      cell: (row) => (
        <Group gap={6} wrap="nowrap">
          <Status value={row.state} />
          {isUnderWay(row) && typeof row.progress === 'number' && `${row.progress} %`}
          {row.cancelled && 'end asked for'}
        </Group>
      ),
    },
    { id: 'object', label: 'On', text: objectText, cell: objectText },
    { id: 'user', label: 'By', text: (row) => row.user ?? '', cell: (row) => row.user ?? 'itself' },
    { id: 'queued', label: 'Asked', cell: (row) => <When at={row.queuedAt} none="–" /> },
    { id: 'ended', label: 'Ended', cell: (row) => <When at={row.endedAt} none="–" /> },
    { id: 'error', label: 'Error', text: (row) => row.error ?? '', cell: (row) => row.error ?? 'none' },
    {
      id: 'actions',
      label: 'Actions',
      cell: (row) =>
        row.cancelable && isUnderWay(row) && !row.cancelled ? (
          <Confirm
            label="Cancel task"
            aria-label={`Cancel ${row.name}`}
            question={`Cancel ${row.name}?`}
            act={() => cancelTask(place, row.id)}
            done={() => cancelled(row)}
          >
            The vCenter ends it some time after. What is done already may stay half done.
          </Confirm>
        ) : (
          '–'
        ),
    },
  ];
}

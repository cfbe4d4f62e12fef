import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import type { Place } from './inventory';

export type CloudTask = Schemas['CloudTask'];

const TASKS = '/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-tasks/';
/** No event tells how far a task is. */
const AGAIN_MS = 5000;

/** What a vCenter does and did in the last minutes; asked again while some of it is not done. */
export const cloudTasksQuery = (place: Place, state: string | undefined) =>
  queryOptions({
    queryKey: ['cloud-tasks', place, state],
    queryFn: ({ signal }) =>
      every((page) => answer(api.GET(TASKS, { params: { path: place, query: { ...page, state } }, signal }))),
    refetchInterval: ({ state: { data: tasks } }) => (tasks?.some(isUnderWay) ? AGAIN_MS : false),
  });

export function isUnderWay({ state }: CloudTask): boolean {
  return state === 'queued' || state === 'running';
}

export const cancelTask = (place: Place, taskId: string) =>
  data(api.POST(`${TASKS}{taskId}/actions/cancel/`, { params: { path: { ...place, taskId } } }));

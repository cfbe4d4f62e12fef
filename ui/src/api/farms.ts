import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type Farm = Schemas['Farm'];
export type FarmRole = Schemas['FarmRole'];
/** What a change of the status of all servers is called in the API. */
export type FarmAction = 'launch' | 'suspend' | 'resume' | 'terminate';

const FARMS = '/api/v1beta0/user/{envId}/farms/';
const FARM = '/api/v1beta0/user/{envId}/farms/{farmId}/';
const FARM_ROLES = '/api/v1beta0/user/{envId}/farms/{farmId}/farm-roles/';
const FARM_ROLE = '/api/v1beta0/user/{envId}/farm-roles/{farmRoleId}/';

const at = (envId: number, farmId: number) => ({ path: { envId, farmId } });
const atRole = (envId: number, farmRoleId: number) => ({ path: { envId, farmRoleId } });

export const farmsQuery = (envId: number) =>
  queryOptions({
    queryKey: ['farms', `environment-${envId}`],
    queryFn: ({ signal }) =>
      every((query) => answer(api.GET(FARMS, { params: { path: { envId }, query }, signal }))),
  });

/** Those that have a farm role of a role. */
export const farmsOfRoleQuery = (envId: number, role: number) =>
  queryOptions({
    queryKey: ['farms', `environment-${envId}`, 'of-role', role],
    queryFn: ({ signal }) =>
      every((page) => {
        const query = { ...page, role: String(role) };
        return answer(api.GET(FARMS, { params: { path: { envId }, query }, signal }));
      }),
  });

export const farmQuery = (envId: number, farmId: number) =>
  queryOptions({
    queryKey: ['farms', `environment-${envId}`, farmId],
    queryFn: ({ signal }) => data(api.GET(FARM, { params: at(envId, farmId), signal })),
  });

/** The tiers of a farm, in the order in which they are launched. */
export const farmRolesQuery = (envId: number, farmId: number) =>
  queryOptions({
    queryKey: ['farm-roles', `environment-${envId}`, farmId],
    queryFn: async ({ signal }) => {
      const all = await every((query) =>
        answer(api.GET(FARM_ROLES, { params: { ...at(envId, farmId), query }, signal })),
      );
      return all.toSorted((a, b) => (a.launchIndex ?? 0) - (b.launchIndex ?? 0) || (a.id ?? 0) - (b.id ?? 0));
    },
  });

export const farmRoleQuery = (envId: number, id: number) =>
  queryOptions({
    queryKey: ['farm-roles', `environment-${envId}`, 'one', id],
    queryFn: ({ signal }) => data(api.GET(FARM_ROLE, { params: atRole(envId, id), signal })),
  });

/** Without a project: `null`. */
export type FarmValues = {
  name: string;
  description: string;
  launchOrder: string;
  project: { id: string } | null;
};

export const createFarm = (envId: number, body: FarmValues) =>
  data(api.POST(FARMS, { params: { path: { envId } }, body }));

export const updateFarm = (envId: number, farmId: number, body: FarmValues) =>
  data(api.PATCH(FARM, { params: at(envId, farmId), body }));

export const deleteFarm = (envId: number, farmId: number) =>
  answer(api.DELETE(FARM, { params: at(envId, farmId) }));

/** A farm with the same farm roles and no servers. */
export const cloneFarm = (envId: number, farmId: number, name: string) =>
  data(api.POST(`${FARM}actions/clone/`, { params: at(envId, farmId), body: { name } }));

/** Who may take a lock away besides those who administer the account. */
export type UnlockPermission = 'anyone' | 'owner';

export const lockFarm = (
  envId: number,
  farmId: number,
  lockComment: string,
  unlockPermission: UnlockPermission,
) =>
  data(
    api.POST(`${FARM}actions/lock/`, { params: at(envId, farmId), body: { lockComment, unlockPermission } }),
  );

export const unlockFarm = (envId: number, farmId: number) =>
  data(api.POST(`${FARM}actions/unlock/`, { params: at(envId, farmId) }));

/** The answer comes when it is written down; what the clouds do is told by the stream of changes. */
export function useFarmAction(envId: number, farmId: number) {
  const queries = useQueryClient();
  const params = at(envId, farmId);
  return useMutation({
    mutationFn: (action: FarmAction) =>
      action === 'terminate'
        ? data(api.POST(`${FARM}actions/terminate/`, { params, body: {} }))
        : data(api.POST(`${FARM}actions/${action}/` as `${typeof FARM}actions/launch/`, { params })),
    onSuccess: () => readAnew(queries),
  });
}

export function useSaveFarmRole(envId: number, farmId: number, farmRoleId: number | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: FarmRole) =>
      farmRoleId
        ? data(api.PATCH(FARM_ROLE, { params: atRole(envId, farmRoleId), body }))
        : data(api.POST(FARM_ROLES, { params: at(envId, farmId), body })),
    onSuccess: () => readAnew(queries),
  });
}

export const deleteFarmRole = (envId: number, farmRoleId: number) =>
  answer(api.DELETE(FARM_ROLE, { params: atRole(envId, farmRoleId) }));

/** Farms, their tiers and servers tell of each other. */
export function readAnew(queries: ReturnType<typeof useQueryClient>) {
  return Promise.all(
    ['farms', 'farm-roles', 'servers'].map((topic) => queries.invalidateQueries({ queryKey: [topic] })),
  );
}

import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type PrivateNetwork = Schemas['PrivateNetwork'];
export type NetworkRule = Schemas['NetworkRule'];
export type NetworkPart = Schemas['NetworkPart'];

const NETWORKS = '/api/v1beta0/user/{envId}/networks/';
const NETWORK = '/api/v1beta0/user/{envId}/networks/{networkId}/';

const one = (envId: number, networkId: string) => ({ path: { envId, networkId } });

/** Those that were made for this environment. All that the clouds have are in the inventory. */
export const networksQuery = (envId: number) =>
  queryOptions({
    queryKey: ['networks', `environment-${envId}`],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { envId }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(NETWORKS, { params, signal }));
      }),
  });

export const networkQuery = (envId: number, id: string) =>
  queryOptions({
    queryKey: ['networks', `environment-${envId}`, id],
    queryFn: ({ signal }) => data(api.GET(NETWORK, { params: one(envId, id), signal })),
  });

// The answers come when it is written down; what the cloud does is told by the stream of changes.

export const createNetwork = (envId: number, body: Schemas['NewNetwork']) =>
  data(api.POST(NETWORKS, { params: { path: { envId } }, body }));

export const changeNetwork = (envId: number, id: string, body: Schemas['ChangeNetwork']) =>
  data(api.PATCH(NETWORK, { params: one(envId, id), body }));

export const deleteNetwork = (envId: number, id: string) =>
  answer(api.DELETE(NETWORK, { params: one(envId, id) }));

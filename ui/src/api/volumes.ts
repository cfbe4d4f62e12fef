import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type Volume = Schemas['Volume'];
/** A server that has a volume, is on a network, and so on. */
export type AssetServer = Schemas['AssetServer'];

const VOLUMES = '/api/v1beta0/user/{envId}/volumes/';
const VOLUME = '/api/v1beta0/user/{envId}/volumes/{volumeId}/';

const one = (envId: number, volumeId: string) => ({ path: { envId, volumeId } });

/** Those that were made for this environment. */
export const volumesQuery = (envId: number) =>
  queryOptions({
    queryKey: ['volumes', `environment-${envId}`],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { envId }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(VOLUMES, { params, signal }));
      }),
  });

export const volumeQuery = (envId: number, id: string) =>
  queryOptions({
    queryKey: ['volumes', `environment-${envId}`, id],
    queryFn: ({ signal }) => data(api.GET(VOLUME, { params: one(envId, id), signal })),
  });

// The answers come when it is written down; what the cloud does is told by the stream of changes.

export const createVolume = (envId: number, body: Schemas['NewVolume']) =>
  data(api.POST(VOLUMES, { params: { path: { envId } }, body }));

export const extendVolume = (envId: number, id: string, sizeGib: number) =>
  data(api.PATCH(VOLUME, { params: one(envId, id), body: { sizeGib } }));

export const deleteVolume = (envId: number, id: string) =>
  answer(api.DELETE(VOLUME, { params: one(envId, id) }));

import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type ServerOperation = Schemas['ServerOperation'];
export type ServerDetails = Schemas['ServerDetails'];
export type ServerDisk = Schemas['ServerDisk'];
export type Provisioning = Schemas['Provisioning'];

const SERVER = '/api/v1beta0/user/{envId}/servers/{serverId}/';

const of = (envId: number, serverId: string) => ({ path: { envId, serverId } });

/** What was asked of a server, the latest first. */
export const operationsQuery = (envId: number, serverId: string) =>
  queryOptions({
    queryKey: ['servers', `environment-${envId}`, 'operations', serverId],
    queryFn: ({ signal }) =>
      every((query) =>
        answer(api.GET(`${SERVER}operations/`, { params: { ...of(envId, serverId), query }, signal })),
      ),
  });

/** Asked of the cloud itself, so it is kept under a key of its own: few changes of ours are a reason to ask again. */
export const detailsQuery = (envId: number, serverId: string) =>
  queryOptions({
    queryKey: ['server-details', `environment-${envId}`, serverId],
    queryFn: ({ signal }) => data(api.GET(`${SERVER}details/`, { params: of(envId, serverId), signal })),
    refetchOnWindowFocus: false,
  });

/** The end of the serial console. It may show secrets, so nothing keeps it. */
export const consoleOutputQuery = (envId: number, serverId: string, lines: number) =>
  queryOptions({
    queryKey: ['server-console', `environment-${envId}`, serverId, 'output', lines],
    queryFn: async ({ signal }) => {
      const params = { ...of(envId, serverId), query: { lines: String(lines) } };
      const said = await data(api.GET(`${SERVER}console-output/`, { params, signal }));
      return { output: said.output, readAt: new Date().toISOString() };
    },
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

/** What is on the screen, as the address of a picture. */
export const consolePictureQuery = (envId: number, serverId: string) =>
  queryOptions({
    queryKey: ['server-console', `environment-${envId}`, serverId, 'picture'],
    queryFn: async ({ signal }) => {
      const params = of(envId, serverId);
      const picture = await answer(api.GET(`${SERVER}console-picture/`, { params, signal, parseAs: 'blob' }));
      return { url: await dataUrl(picture), readAt: new Date().toISOString() };
    },
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

/** The policy of the pages lets no other addresses of pictures in that are made here. */
function dataUrl(picture: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error ?? new Error('the picture cannot be read'));
    reader.readAsDataURL(picture);
  });
}

/** Each is written down and done by the control plane; what becomes of it is told by the stream of changes. */
export function serverOperations(envId: number, serverId: string) {
  const params = of(envId, serverId);
  const action = `${SERVER}actions/` as const;
  return {
    resize: (id: string) =>
      data(api.POST(`${action}change-instance-type/`, { params, body: { instanceType: { id } } })),
    snapshot: (name: string, description: string) =>
      data(api.POST(`${SERVER}snapshots/`, { params, body: { name, description } })),
    addDisk: (sizeGib: number, provisioning: Provisioning) =>
      data(api.POST(`${action}add-disk/`, { params, body: { sizeGib, provisioning } })),
    extendDisk: (id: string, sizeGib: number) =>
      data(api.POST(`${action}extend-disk/`, { params, body: { disk: { id }, sizeGib } })),
    removeDisk: (id: string) => data(api.POST(`${action}remove-disk/`, { params, body: { disk: { id } } })),
    attachVolume: (id: string) =>
      data(api.POST(`${action}attach-volume/`, { params, body: { volume: { id } } })),
    detachVolume: (id: string) =>
      data(api.POST(`${action}detach-volume/`, { params, body: { volume: { id } } })),
    /** Any address of this external network. */
    addFloatingIp: (id: string) =>
      data(api.POST(`${action}add-floating-ip/`, { params, body: { pool: { id } } })),
    /** This one, by its id in the cloud. */
    associateFloatingIp: (id: string) =>
      data(api.POST(`${action}add-floating-ip/`, { params, body: { floatingIp: { id } } })),
    removeFloatingIp: (id: string) =>
      data(api.POST(`${action}remove-floating-ip/`, { params, body: { floatingIp: { id } } })),
  };
}

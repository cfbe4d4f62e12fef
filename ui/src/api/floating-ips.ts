import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type FloatingIp = Schemas['FloatingIp'];

const ALL = '/api/v1beta0/user/{envId}/floating-ips/';
const ONE = '/api/v1beta0/user/{envId}/floating-ips/{floatingIpId}/';

/** Those that were made for this environment. What goes with a server is among the server's details. */
export const floatingIpsQuery = (envId: number) =>
  queryOptions({
    queryKey: ['floating-ips', `environment-${envId}`],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { envId }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(ALL, { params, signal }));
      }),
  });

// The answers come when it is written down; what the cloud does is told by the stream of changes.

export const createFloatingIp = (envId: number, body: Schemas['NewFloatingIp']) =>
  data(api.POST(ALL, { params: { path: { envId } }, body }));

export const deleteFloatingIp = (envId: number, floatingIpId: string) =>
  answer(api.DELETE(ONE, { params: { path: { envId, floatingIpId } } }));

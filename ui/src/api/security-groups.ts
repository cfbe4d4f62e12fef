import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type SecurityGroup = Schemas['SecurityGroup'];

const GROUPS = '/api/v1beta0/user/{envId}/security-groups/';
const GROUP = '/api/v1beta0/user/{envId}/security-groups/{securityGroupId}/';

const one = (envId: number, securityGroupId: string) => ({ path: { envId, securityGroupId } });

/** Those that were made for this environment. All that the clouds have are in the inventory. */
export const securityGroupsQuery = (envId: number) =>
  queryOptions({
    queryKey: ['security-groups', `environment-${envId}`],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { envId }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(GROUPS, { params, signal }));
      }),
  });

// The answers come when it is written down; what the cloud does is told by the stream of changes.

export const createSecurityGroup = (envId: number, body: Schemas['NewSecurityGroup']) =>
  data(api.POST(GROUPS, { params: { path: { envId } }, body }));

export const changeSecurityGroup = (envId: number, id: string, body: Schemas['ChangeSecurityGroup']) =>
  data(api.PATCH(GROUP, { params: one(envId, id), body }));

export const deleteSecurityGroup = (envId: number, id: string) =>
  answer(api.DELETE(GROUP, { params: one(envId, id) }));

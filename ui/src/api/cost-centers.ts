import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type CostCenter = Schemas['CostCenter'];

const COST_CENTERS = '/api/v1beta0/account/{accountId}/cost-centers/';
const GLOBAL = '/api/v1beta0/global/cost-centers/';
const GLOBAL_ONE = '/api/v1beta0/global/cost-centers/{costCenterId}/';

/** All of the installation: each scope sees the same. */
export const costCentersQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['cost-centers', scopeSegment(scope)],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { accountId: accountId(scope) }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(at(scope, COST_CENTERS), { params, signal }));
      }),
  });

// They are made and changed at Scalr scope alone.

export const createCostCenter = (body: CostCenter) => data(api.POST(GLOBAL, { body }));

export const updateCostCenter = (costCenterId: string, body: CostCenter) =>
  data(api.PATCH(GLOBAL_ONE, { params: { path: { costCenterId } }, body }));

export const deleteCostCenter = (costCenterId: string) =>
  answer(api.DELETE(GLOBAL_ONE, { params: { path: { costCenterId } } }));

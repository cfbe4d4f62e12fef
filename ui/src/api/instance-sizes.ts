import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type InstanceSize = Schemas['VmwareInstanceType'];
const SIZES = '/api/v1beta0/global/vmware-instance-types/';
const SIZE = '/api/v1beta0/global/vmware-instance-types/{id}/';

export const instanceSizesQuery = queryOptions({
  queryKey: ['vmware-instance-types', 'global'],
  queryFn: ({ signal }) => every((query) => answer(api.GET(SIZES, { params: { query }, signal }))),
});

export const createInstanceSize = (body: InstanceSize) => data(api.POST(SIZES, { body }));

export const updateInstanceSize = (id: string, body: InstanceSize) =>
  data(api.PATCH(SIZE, { params: { path: { id } }, body }));

export const deleteInstanceSize = (id: string) => answer(api.DELETE(SIZE, { params: { path: { id } } }));

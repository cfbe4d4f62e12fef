import { queryOptions } from '@tanstack/react-query';

import { api, data } from './client';
import type { operations } from './schema';

type Query = NonNullable<operations['get_account_accountId_vmware-role-script']['parameters']['query']>;
export type RoleScript = Required<Pick<Query, 'user' | 'role' | 'format'>>;

/** A script that makes a vCenter role with what is needed. It is the same for every account. */
export const roleScriptQuery = (accountId: number, wanted: RoleScript) =>
  queryOptions({
    queryKey: ['role-script', `account-${accountId}`, wanted],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/vmware-role-script/', {
          params: { path: { accountId }, query: wanted },
          signal,
        }),
      ),
    staleTime: Infinity,
  });

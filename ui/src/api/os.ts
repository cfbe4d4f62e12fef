import { queryOptions } from '@tanstack/react-query';

import { answer, api, type Schemas } from './client';
import { every } from './every';
import { accountId, at, type Scope } from './scope';

export type Os = Schemas['Os'];

/** The operating systems that images and roles can have: the same in every scope, and as long as the server runs. */
export const osQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['os'],
    queryFn: ({ signal }) =>
      every((query) => {
        const params = { path: { accountId: accountId(scope) }, query };
        return answer(api.GET(at(scope, '/api/v1beta0/account/{accountId}/os/'), { params, signal }));
      }),
    staleTime: Infinity,
  });

import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type Role = Schemas['Role'];
export type Image = Schemas['Image'];

/** The roles that an environment may use, also those of its account and of the installation. */
export const rolesQuery = (envId: number) =>
  queryOptions({
    queryKey: ['roles', `environment-${envId}`],
    queryFn: ({ signal }) =>
      every((query) =>
        answer(
          api.GET('/api/v1beta0/user/{envId}/roles/', {
            params: { path: { envId }, query: { ...query, sort: 'name' } },
            signal,
          }),
        ),
      ),
  });

/** The images of a role: one at most for each cloud and location. */
export const roleImagesQuery = (envId: number, roleId: number) =>
  queryOptions({
    queryKey: ['roles', `environment-${envId}`, roleId, 'images'],
    queryFn: async ({ signal }): Promise<Image[]> => {
      const path = { envId, roleId };
      const links = await every((query) =>
        answer(
          api.GET('/api/v1beta0/user/{envId}/roles/{roleId}/images/', { params: { path, query }, signal }),
        ),
      );
      return Promise.all(
        links.map(({ image }) =>
          data(
            api.GET('/api/v1beta0/user/{envId}/roles/{roleId}/images/{imageId}/', {
              params: { path: { ...path, imageId: image?.id ?? '' } },
              signal,
            }),
          ),
        ),
      );
    },
  });

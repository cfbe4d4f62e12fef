import { type QueryClient, queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import type { Image } from './images';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type Role = Schemas['Role'];

const ROLES = '/api/v1beta0/account/{accountId}/roles/';
const ROLE = '/api/v1beta0/account/{accountId}/roles/{roleId}/';
const IMAGES = '/api/v1beta0/account/{accountId}/roles/{roleId}/images/';
const IMAGE = '/api/v1beta0/account/{accountId}/roles/{roleId}/images/{imageId}/';

const one = (scope: Scope, roleId: number) => ({ path: { accountId: accountId(scope), roleId } });

/** The roles that a scope may use, also those made higher up. Narrowed to those with an image where one is given. */
export const rolesQuery = (scope: Scope, image?: string) =>
  queryOptions({
    queryKey: ['roles', scopeSegment(scope), { image }],
    queryFn: ({ signal }) =>
      every((page) => {
        const query = { ...page, sort: 'name' as const, image };
        const params = { path: { accountId: accountId(scope) }, query };
        return answer(api.GET(at(scope, ROLES), { params, signal }));
      }),
  });

export const roleQuery = (scope: Scope, id: number) =>
  queryOptions({
    queryKey: ['roles', scopeSegment(scope), id],
    queryFn: ({ signal }) => data(api.GET(at(scope, ROLE), { params: one(scope, id), signal })),
  });

/** The images of a role: one at most for each cloud and location. */
export const roleImagesQuery = (scope: Scope, roleId: number) =>
  queryOptions({
    queryKey: ['roles', scopeSegment(scope), roleId, 'images'],
    queryFn: async ({ signal }): Promise<Image[]> => {
      const { path } = one(scope, roleId);
      const links = await every((query) =>
        answer(api.GET(at(scope, IMAGES), { params: { path, query }, signal })),
      );
      return Promise.all(
        links.map(({ image }) => {
          const params = { path: { ...path, imageId: image?.id ?? '' } };
          return data(api.GET(at(scope, IMAGE), { params, signal }));
        }),
      );
    },
  });

export const createRole = (scope: Scope, body: Role) =>
  data(api.POST(at(scope, ROLES), { params: { path: { accountId: accountId(scope) } }, body }));

export const updateRole = (scope: Scope, id: number, body: Role) =>
  data(api.PATCH(at(scope, ROLE), { params: one(scope, id), body }));

/** Its images stay. */
export const deleteRole = (scope: Scope, id: number) =>
  answer(api.DELETE(at(scope, ROLE), { params: one(scope, id) }));

/** Copies it with its images to this scope. */
export const cloneRole = (scope: Scope, id: number, name: string) =>
  data(api.POST(at(scope, `${ROLE}actions/clone/`), { params: one(scope, id), body: { name } }));

export const deprecateRole = (scope: Scope, id: number, body: Schemas['DeprecateRole']) =>
  data(api.POST(at(scope, `${ROLE}actions/deprecate/`), { params: one(scope, id), body }));

/** Moves it to the scope above, with those of its images that belong to the same scope. */
export const promoteRole = (scope: Scope, id: number) =>
  data(api.POST(at(scope, `${ROLE}actions/promote/`), { params: one(scope, id) }));

export const addRoleImage = (scope: Scope, id: number, image: string) =>
  data(api.POST(at(scope, IMAGES), { params: one(scope, id), body: { image: { id: image } } }));

/** Puts another image of the same location in its place. */
export function replaceRoleImage(scope: Scope, id: number, before: string, image: string) {
  const params = { path: { ...one(scope, id).path, imageId: before } };
  return data(api.POST(at(scope, `${IMAGE}actions/replace/`), { params, body: { image: { id: image } } }));
}

export const removeRoleImage = (scope: Scope, id: number, image: string) =>
  answer(api.DELETE(at(scope, IMAGE), { params: { path: { ...one(scope, id).path, imageId: image } } }));

/** Roles and images tell of each other. */
export function readRolesAnew(queries: QueryClient) {
  return Promise.all(
    ['roles', 'images', 'role-categories'].map((topic) => queries.invalidateQueries({ queryKey: [topic] })),
  );
}

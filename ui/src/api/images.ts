import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';
import { accountId, at, type Scope, scopeSegment } from './scope';

export type Image = Schemas['Image'];

const IMAGES = '/api/v1beta0/account/{accountId}/images/';
const IMAGE = '/api/v1beta0/account/{accountId}/images/{imageId}/';

const one = (scope: Scope, imageId: string) => ({ path: { accountId: accountId(scope), imageId } });

/** All images that a scope sees, also those made higher up. */
export const imagesQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['images', scopeSegment(scope)],
    queryFn: ({ signal }) =>
      every((page) => {
        const params = { path: { accountId: accountId(scope) }, query: { ...page, sort: 'name' as const } };
        return answer(api.GET(at(scope, IMAGES), { params, signal }));
      }),
  });

export const imageQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: ['images', scopeSegment(scope), id],
    queryFn: ({ signal }) => data(api.GET(at(scope, IMAGE), { params: one(scope, id), signal })),
  });

export const registerImage = (scope: Scope, body: Image) =>
  data(api.POST(at(scope, IMAGES), { params: { path: { accountId: accountId(scope) } }, body }));

export const updateImage = (scope: Scope, id: string, body: Pick<Image, 'name' | 'deprecated'>) =>
  data(api.PATCH(at(scope, IMAGE), { params: one(scope, id), body }));

/** The cloud keeps its image. */
export const deleteImage = (scope: Scope, id: string) =>
  answer(api.DELETE(at(scope, IMAGE), { params: one(scope, id) }));

/** Puts another image in its place in every role of these scopes. The answer tells which roles. */
export const replaceImage = (scope: Scope, id: string, body: Schemas['ReplaceImage']) =>
  data(api.POST(at(scope, `${IMAGE}actions/replace/`), { params: one(scope, id), body }));

import { answer, api, type Schemas } from './client';
import { total } from './clouds';
import type { Paged, Place } from './inventory';

export type DatastoreFile = Schemas['DatastoreFile'];

const FILES =
  '/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/datastores/{id}/files/';

/** One folder of a datastore; empty: its top. */
export function filesOf(place: Place, datastore: string, folder: string): Paged<DatastoreFile> {
  return {
    key: ['datastore-files', place, datastore, folder],
    read: async ({ pageNum, maxResults }, signal) => {
      const query = { pageNum, maxResults, ...(folder && { folder }) };
      const params = { path: { ...place, id: datastore }, query };
      const page = await answer(api.GET(FILES, { params, signal }));
      return { rows: page.data, total: total(page), freshness: undefined };
    },
  };
}

export const deleteFile = (place: Place, datastore: string, filePath: string) =>
  answer(api.DELETE(`${FILES}{filePath}/`, { params: { path: { ...place, id: datastore, filePath } } }));

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { total } from './clouds';
import type { paths } from './schema';

export type Machine = Schemas['Machine'];
export type Resource = Schemas['Resource'];
export type InstanceType = Schemas['InstanceType'];
export type Freshness = Schemas['Freshness'];

/** A region or datacenter of a cloud of an environment. */
export type Place = { envId: number; cloudPlatform: string; cloudLocation: string };

const PLACE = '/api/v1beta0/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}';
type Below = Extract<keyof paths, `${typeof PLACE}/${string}`>;
/** Everything that is listed of a place: machines, sizes, images, hosts and so on. */
export type Noun = Exclude<NounBelow, 'cloud-events' | 'cloud-logs' | 'cloud-tasks'>;
type NounBelow = Below extends infer P
  ? P extends `${typeof PLACE}/${infer N}/`
    ? N extends `${string}/${string}`
      ? never
      : N
    : never
  : never;
export type ResourceNoun = Exclude<Noun, 'machines' | 'instance-types'>;

type QueryOf<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } }
  ? NonNullable<Q>
  : never;
type MachineFilter = Omit<QueryOf<`${typeof PLACE}/machines/`>, 'pageNum' | 'maxResults' | 'maxAge'>;
type ResourceFilter = Omit<QueryOf<`${typeof PLACE}/hosts/`>, 'pageNum' | 'maxResults' | 'maxAge'>;
type SizeFilter = Omit<QueryOf<`${typeof PLACE}/instance-types/`>, 'pageNum' | 'maxResults' | 'maxAge'>;
export type PageNumber = { pageNum: number; maxResults: number; maxAge?: number };

/** The most rows the server gives at once. */
export const PAGE_ROWS = 100;
/**
 * Ten years: what is stored is shown at once, with its age, also while the cloud is slow or gone. The server reads the
 * clouds by itself, and `useRefresh` does it now. What was never read is read for the first who asks.
 */
const ANY_AGE_S = 315_360_000;

/** Some rows of a list, how many there are in all, and how old they are. Sizes of vSphere have no age. */
export type Rows<T> = { rows: T[]; total: number; freshness: Freshness | undefined };

/** How a list of any length is read, a page at a time. */
export type Paged<T> = {
  /** Two lists with the same key have the same rows. */
  key: readonly unknown[];
  read: (page: PageNumber, signal?: AbortSignal) => Promise<Rows<T>>;
};

/** One list of a place with its filter and order. */
export type Listing<T> = Paged<T> & { place: Place; noun: Noun };

type Envelope<T> = { meta: Schemas['Meta']; data: T[] };

function rows<T>(envelope: Envelope<T>): Rows<T> {
  return {
    rows: envelope.data,
    total: total(envelope),
    freshness: envelope.meta.freshness ?? undefined,
  };
}

export function placeKey({ envId, cloudPlatform, cloudLocation }: Place) {
  return ['inventory', `environment-${envId}`, cloudPlatform, cloudLocation] as const;
}

export function machinesOf(place: Place, filter: MachineFilter): Listing<Machine> {
  return {
    place,
    noun: 'machines',
    key: [...placeKey(place), 'machines', filter],
    read: async (page, signal) =>
      rows(
        await answer(
          api.GET(`${PLACE}/machines/`, { params: { path: place, query: { ...filter, ...page } }, signal }),
        ),
      ),
  };
}

export function sizesOf(place: Place, filter: SizeFilter): Listing<InstanceType> {
  return {
    place,
    noun: 'instance-types',
    key: [...placeKey(place), 'instance-types', filter],
    read: async (page, signal) =>
      rows(
        await answer(
          api.GET(`${PLACE}/instance-types/`, {
            params: { path: place, query: { ...filter, ...page } },
            signal,
          }),
        ),
      ),
  };
}

export function resourcesOf(
  place: Place,
  noun: ResourceNoun,
  filter: ResourceFilter = {},
): Listing<Resource> {
  return {
    place,
    noun,
    key: [...placeKey(place), noun, filter],
    read: async (page, signal) =>
      rows(
        await answer(
          api.GET(resources(noun), { params: { path: place, query: { ...filter, ...page } }, signal }),
        ),
      ),
  };
}

/** The paths of all these nouns have the same shape. */
function resources(noun: ResourceNoun) {
  return `${PLACE}/${noun}/` as `${typeof PLACE}/hosts/`;
}

export const pageQuery = <T>(listing: Paged<T>, pageNum: number) =>
  queryOptions({
    queryKey: [...listing.key, 'page', pageNum],
    queryFn: ({ signal }) => listing.read({ pageNum, maxResults: PAGE_ROWS, maxAge: ANY_AGE_S }, signal),
  });

/** All rows, page by page. */
export async function* everyPage<T>(listing: Paged<T>, signal: AbortSignal): AsyncGenerator<Rows<T>> {
  for (let pageNum = 1; ; pageNum++) {
    const page = await listing.read({ pageNum, maxResults: PAGE_ROWS, maxAge: ANY_AGE_S }, signal);
    yield page;
    if (page.rows.length === 0 || pageNum * PAGE_ROWS >= page.total) return;
  }
}

/** Lists that are short enough to be had whole: what other things are in, by name. */
export const allQuery = <T>(listing: Listing<T>) =>
  queryOptions({
    queryKey: [...listing.key, 'all'],
    queryFn: async ({ signal }): Promise<Rows<T>> => {
      const all: Rows<T> = { rows: [], total: 0, freshness: undefined };
      for await (const page of everyPage(listing, signal)) {
        all.rows.push(...page.rows);
        all.total = page.total;
        all.freshness = page.freshness;
      }
      return all;
    },
  });

/** Reads these lists from the cloud now. The answer tells whether the cloud gave them. */
export function useRefresh(place: Place) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (listings: Pick<Listing<unknown>, 'read'>[]) =>
      Promise.all(listings.map((it) => it.read({ pageNum: 1, maxResults: 1, maxAge: 0 }))),
    onSettled: () => queries.invalidateQueries({ queryKey: placeKey(place) }),
  });
}

export const machineQuery = (place: Place, id: string) =>
  queryOptions({
    queryKey: [...placeKey(place), 'machines', 'one', id],
    queryFn: ({ signal }) =>
      data(api.GET(`${PLACE}/machines/{id}/`, { params: { path: { ...place, id } }, signal })),
  });

export const resourceQuery = (place: Place, noun: ResourceNoun, id: string) =>
  queryOptions({
    queryKey: [...placeKey(place), noun, 'one', id],
    queryFn: ({ signal }) =>
      data(
        api.GET(`${resources(noun)}{id}/` as `${typeof PLACE}/hosts/{id}/`, {
          params: { path: { ...place, id } },
          signal,
        }),
      ),
  });

/** By which policy the address of a machine is chosen, and where the policy is written. */
export const explanationQuery = (place: Place, id: string) =>
  queryOptions({
    queryKey: [...placeKey(place), 'machines', 'address', id],
    queryFn: ({ signal }) =>
      data(api.GET(`${PLACE}/machines/{id}/address/`, { params: { path: { ...place, id } }, signal })),
  });

/** Tries a TCP connection from the server to the machine. */
export function useProbe(place: Place, id: string) {
  return useMutation({
    mutationFn: (port: number) =>
      data(
        api.POST(`${PLACE}/machines/{id}/actions/probe/`, {
          params: { path: { ...place, id } },
          body: { port },
        }),
      ),
  });
}

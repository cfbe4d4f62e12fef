import { useQueries } from '@tanstack/react-query';
import { useCallback } from 'react';

import {
  allQuery,
  type Place,
  type Resource,
  type ResourceNoun,
  resourcesOf,
  type Rows,
} from '../../api/inventory';
import type { NameOf } from './columns';

/** The names of what other things name by id. Until they are known the id stands for the name. */
export function useNames(place: Place, nouns: ResourceNoun[]): NameOf {
  const names = useQueries({
    queries: nouns.map((noun) => allQuery(resourcesOf(place, noun, { sort: 'name' }))),
    combine,
  });
  return useCallback((id) => (id ? names[id] : undefined), [names]);
}

// Outside of the hook, so that it runs only when a list has changed. An object is shared where it is the same.
function combine(lists: { data?: Rows<Resource> }[]): Record<string, string | undefined> {
  return Object.fromEntries(lists.flatMap((it) => it.data?.rows ?? []).map((it) => [it.id, it.name]));
}

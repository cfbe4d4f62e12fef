import { useNavigate, useSearch } from '@tanstack/react-router';

import { cloudName } from '../../api/clouds-names';
import type { Image } from '../../api/images';
import { useScope } from '../../api/scope';
import { type Choice, FilterSelect } from '../../parts/FilterSelect';
import type { Filters } from '../../parts/ListPage';
import { SCOPES, useLocationName, useOsName } from './names';

const NONE = { cloud: undefined, location: undefined, os: undefined, of: undefined };

/** By cloud, location, operating system and scope: of each what some image has. */
export function useImageFilters(images: Image[]): Filters<Image> {
  const scope = useScope();
  const { cloud, location, os, of } = useSearch({ from: '/in/$scope/images' });
  const osName = useOsName(scope);
  const locationName = useLocationName(scope);
  const navigate = useNavigate();
  const change = (next: object) =>
    void navigate({ to: '.', search: ((old: object) => ({ ...old, ...next })) as never, replace: true });
  const inCloud = images.filter((it) => it.cloudPlatform === cloud);
  return {
    fields: (
      <>
        <FilterSelect
          label="Cloud"
          choices={distinct(
            images,
            (it) => it.cloudPlatform,
            (it) => cloudName(it.cloudPlatform ?? ''),
          )}
          value={cloud}
          onChange={(next) => change({ cloud: next, location: undefined })}
        />
        <FilterSelect
          label="Location"
          choices={distinct(inCloud, (it) => it.cloudLocation, locationName)}
          value={location}
          onChange={(next) => change({ location: next })}
          disabled={!cloud}
        />
        <FilterSelect
          label="Operating system"
          any="Any system"
          choices={distinct(
            images,
            (it) => it.os?.id,
            (it) => osName(it.os?.id),
          )}
          value={os}
          onChange={(next) => change({ os: next })}
        />
        <FilterSelect label="Scope" choices={SCOPES} value={of} onChange={(next) => change({ of: next })} />
      </>
    ),
    isOn: Boolean(cloud || location || os || of),
    keep: (it) =>
      (!cloud || it.cloudPlatform === cloud) &&
      (!location || it.cloudLocation === location) &&
      (!os || it.os?.id === os) &&
      (!of || it.scope === of),
    none: NONE,
  };
}

/** Each once, ordered by what people read. */
export function distinct<T>(
  rows: T[],
  value: (row: T) => string | null | undefined,
  label: (row: T) => string,
): Choice[] {
  const found = new Map<string, string>();
  for (const row of rows) {
    const id = value(row);
    if (id) found.set(id, label(row));
  }
  return [...found]
    .map(([id, name]) => ({ value: id, label: name }))
    .toSorted((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }));
}

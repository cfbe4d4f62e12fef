import { Select } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { type CloudLocation, cloudsQuery, locationsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import type { Place } from '../../api/inventory';
import { scopeSegment } from '../../api/scope';
import { labelOf as nounLabel } from './nouns';

/** Goes to another region or datacenter, of any cloud of the environment. */
export function LocationSwitch({ place, noun }: { place: Place; noun: string }) {
  const navigate = useNavigate();
  const { data: clouds } = useQuery(cloudsQuery(place.envId));
  const lists = useQueries({
    queries: (clouds ?? []).map((it) => locationsQuery(place.envId, it.cloud)),
  });
  const groups = (clouds ?? []).map((cloud, n) => ({
    group: cloudName(cloud.cloud),
    items: (lists[n]?.data ?? []).map((it) => ({ value: key(it), label: labelOf(it) })),
  }));
  const go = (value: string | null) => {
    const [cloud = '', location = ''] = (value ?? '').split('\n');
    const isThere = nounLabel(cloud, noun) !== undefined;
    void navigate({
      to: '/$scope/inventory/$cloud/$location/$noun',
      params: {
        scope: scopeSegment({ kind: 'environment', id: place.envId }),
        cloud,
        location,
        noun: isThere && cloud === place.cloudPlatform ? noun : 'machines',
      } as never,
    });
  };
  return (
    <Select
      aria-label="Region or datacenter"
      data={groups}
      value={key(place)}
      onChange={go}
      allowDeselect={false}
      searchable
      limit={200}
      w={{ base: '100%', xs: 280 }}
      comboboxProps={{ width: 340, position: 'bottom-end' }}
      nothingFoundMessage="None has this in its name"
    />
  );
}

function key({ cloudPlatform, cloudLocation }: { cloudPlatform: string; cloudLocation: string }): string {
  return `${cloudPlatform}\n${cloudLocation}`;
}

/** Datacenters of linked vCenters often have the same name. */
function labelOf(location: CloudLocation): string {
  return location.vcenter ? `${location.name} (${new URL(location.vcenter).host})` : location.name;
}

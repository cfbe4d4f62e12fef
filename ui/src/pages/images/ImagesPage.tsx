import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { cloudName } from '../../api/clouds-names';
import { type Image, imagesQuery } from '../../api/images';
import { scopeSegment, useScope } from '../../api/scope';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { When } from '../../parts/When';
import { gib } from '../inventory/units';
import { useImageFilters } from './Filters';
import { ImageLink } from './ImageLink';
import { scopeLabel, useLocationName, useOsName } from './names';

/** Images and templates of clouds that were registered to be launched from. */
export function ImagesPage() {
  const scope = useScope();
  const list = useQuery(imagesQuery(scope));
  const osName = useOsName(scope);
  const locationName = useLocationName(scope);
  const filters = useImageFilters(list.data ?? []);
  const columns: Column<Image>[] = [
    {
      id: 'name',
      label: 'Name',
      sort: 'name',
      text: (row) => row.name ?? '',
      cell: (row) => <ImageLink image={row} />,
    },
    {
      id: 'cloud',
      label: 'Cloud',
      sort: 'cloud',
      text: (row) => cloudName(row.cloudPlatform ?? ''),
      cell: (row) => cloudName(row.cloudPlatform ?? ''),
    },
    { id: 'location', label: 'Location', sort: 'location', text: locationName, cell: locationName },
    {
      id: 'os',
      label: 'Operating system',
      sort: 'os',
      text: (row) => osName(row.os?.id),
      cell: (row) => osName(row.os?.id),
    },
    {
      id: 'size',
      label: 'Size',
      isNumber: true,
      cell: (row) => (row.size ? gib(row.size) : '–'),
    },
    {
      id: 'scope',
      label: 'Scope',
      sort: 'scope',
      text: (row) => scopeLabel(row.scope),
      cell: (row) => scopeLabel(row.scope),
    },
    {
      id: 'state',
      label: 'State',
      sort: 'state',
      text: stateOf,
      cell: stateOf,
    },
    {
      id: 'added',
      label: 'Added',
      sort: 'added',
      text: (row) => row.added ?? '',
      cell: (row) => <When at={row.added} />,
    },
    { id: 'lastUsed', label: 'Last used', cell: (row) => <When at={row.lastUsed} /> },
  ];
  const register = (
    <Button
      component={Link}
      to="/$scope/images/new"
      params={{ scope: scopeSegment(scope) } as never}
      leftSection={<IconPlus size={16} aria-hidden />}
    >
      Register image
    </Button>
  );
  return (
    <ListPage
      title="Images"
      hint="Images and templates of clouds that servers can be launched from. Roles put those of several clouds together."
      actions={register}
      list={list}
      columns={columns}
      rowKey={(row) => row.id ?? ''}
      words={(row) => [row.name, row.cloudImageId, row.id]}
      filters={filters}
      empty={
        <Empty title="No images yet" action={register}>
          Register an image of OpenStack or a template of vSphere, then put it into a role.
        </Empty>
      }
    />
  );
}

function stateOf({ deprecated, status }: Image): string {
  return deprecated ? 'deprecated' : (status ?? '–');
}

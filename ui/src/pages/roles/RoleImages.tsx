import { Group, Stack, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { cloudName } from '../../api/clouds-names';
import type { Image } from '../../api/images';
import { readRolesAnew, removeRoleImage, type Role, roleImagesQuery } from '../../api/roles';
import { useScope } from '../../api/scope';
import { RoleImageForm } from '../../forms/role-image';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { Rows } from '../../parts/Rows';
import { When } from '../../parts/When';
import { ImageLink } from '../images/ImageLink';
import { scopeLabel, useLocationName } from '../images/names';

/** One image for each cloud and location: where the role can be launched. */
export function RoleImages({ role, isOwn }: { role: Role; isOwn: boolean }) {
  const scope = useScope();
  const id = role.id ?? 0;
  const images = useQuery(roleImagesQuery(scope, id));
  const locationName = useLocationName(scope);
  const queries = useQueryClient();
  const done = (message: string) => {
    void readRolesAnew(queries);
    notifications.show({ message });
  };
  const columns: Column<Image>[] = [
    { id: 'cloud', label: 'Cloud', cell: (row) => cloudName(row.cloudPlatform ?? '') },
    { id: 'location', label: 'Location', text: locationName, cell: locationName },
    { id: 'image', label: 'Image', text: (row) => row.name ?? '', cell: (row) => <ImageLink image={row} /> },
    { id: 'state', label: 'State', cell: (row) => (row.deprecated ? 'deprecated' : row.status) },
    { id: 'scope', label: 'Scope', cell: (row) => scopeLabel(row.scope) },
    { id: 'lastUsed', label: 'Last used', cell: (row) => <When at={row.lastUsed} /> },
  ];
  if (isOwn)
    columns.push({
      id: 'actions',
      label: 'Actions',
      cell: (row) => (
        <Group gap="xs" wrap="nowrap">
          <RoleImageForm role={role} images={images.data ?? []} old={row} done={done} />
          <Confirm
            label="Remove"
            aria-label={`Remove ${row.name}`}
            question={`Take ${row.name} out of ${role.name}?`}
            act={() => removeRoleImage(scope, id, row.id ?? '')}
            done={() => done(`${row.name} is taken out of ${role.name}.`)}
          >
            {`Nothing is launched from the role in ${cloudName(row.cloudPlatform ?? '')}, ${locationName(row)} any more; farm roles there fail to launch servers. The image stays registered.`}
          </Confirm>
        </Group>
      ),
    });
  const add = isOwn && <RoleImageForm role={role} images={images.data ?? []} done={done} />;
  return (
    <Stack gap="xs" component="section" aria-label="Images">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          Images
        </Title>
        {images.data && images.data.length > 0 && add}
      </Group>
      <Rows
        label="Images"
        list={images}
        rowKey={(row) => row.id ?? ''}
        columns={columns}
        empty={
          <Empty title="No images yet" action={add}>
            A role can be launched where it has an image: one for each cloud and location.
          </Empty>
        }
      />
    </Stack>
  );
}

import { Card, Loader, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { imageQuery } from '../../api/images';
import { rolesQuery } from '../../api/roles';
import { useScope } from '../../api/scope';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { MadeElsewhere } from '../../parts/MadeElsewhere';
import { Page } from '../../parts/Page';
import { Rows } from '../../parts/Rows';
import { Status } from '../../parts/Status';
import { RoleLink } from '../roles/RoleLink';
import { ImageActions } from './ImageActions';
import { ImageFacts } from './ImageFacts';
import { isOwn, scopeLabel, usePlaceName } from './names';

/** One image: what it is, and which roles are launched from it. */
export function ImagePage() {
  const scope = useScope();
  const { imageId } = useParams({ from: '/in/$scope/images/$imageId' });
  const { data: image, error, isPending, refetch } = useQuery(imageQuery(scope, imageId));
  const roles = useQuery(rolesQuery(scope, imageId));
  const placeName = usePlaceName(scope);
  if (!image || isGone(error))
    return (
      <Page title="Image">
        {isPending ? (
          <Loader role="status" aria-label="Loading the image" />
        ) : (
          <ErrorNotice error={error} retry={() => void refetch()} />
        )}
      </Page>
    );
  const isHere = isOwn(scope, image.scope);
  return (
    <Page
      title={image.name ?? imageId}
      state={image.deprecated ? <Status value="deprecated" /> : undefined}
      hint={`Image of ${placeName(image)}`}
      actions={<ImageActions image={image} isOwn={isHere} roles={roles.data ?? []} />}
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      {!isHere && (
        <MadeElsewhere
          what="image"
          owner={image.scope}
          link={{ to: '/$scope/images/$imageId', params: { imageId } }}
        />
      )}
      <Card withBorder component="section" aria-label="Facts">
        <Title order={2} size="h4" mb="sm">
          Facts
        </Title>
        <ImageFacts image={image} />
      </Card>
      <Stack gap="xs" component="section" aria-label="Roles that use it">
        <Title order={2} size="h4">
          Roles that use it
        </Title>
        <Rows
          label="Roles that use it"
          list={roles}
          rowKey={(row) => String(row.id)}
          empty={
            <Empty title="No role uses it">
              Servers are launched from roles: put the image into one of the same operating system.
            </Empty>
          }
          columns={[
            {
              id: 'name',
              label: 'Role',
              text: (row) => row.name ?? '',
              cell: (row) => <RoleLink role={row} />,
            },
            { id: 'scope', label: 'Scope', cell: (row) => scopeLabel(row.scope) },
            { id: 'state', label: 'State', cell: (row) => (row.deprecated ? 'deprecated' : 'active') },
          ]}
        />
      </Stack>
    </Page>
  );
}

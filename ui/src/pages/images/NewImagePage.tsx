import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { readRolesAnew } from '../../api/roles';
import { scopeSegment, useScope } from '../../api/scope';
import { RegisterImage } from '../../forms/image-register';
import { Page } from '../../parts/Page';

/** Registers an image. What a link to this page says is filled in already. */
export function NewImagePage() {
  const scope = useScope();
  const segment = scopeSegment(scope);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { cloud, location, image, os } = useSearch({ from: '/in/$scope/images/new' });
  const given = Object.entries({ cloud, location, cloudImage: image, os }).filter(([, value]) => value);
  return (
    <Page
      title="Register image"
      hint={
        scope.kind === 'environment'
          ? 'An image of a cloud that is linked to this environment. It stays where it is.'
          : 'For all environments below. There is no cloud to ask here, so nothing is checked.'
      }
    >
      <RegisterImage
        given={Object.fromEntries(given)}
        done={(made) => {
          void readRolesAnew(queries);
          notifications.show({ message: `Image ${made.name} is registered.` });
          void navigate({
            to: '/$scope/images/$imageId',
            params: { scope: segment, imageId: made.id ?? '' },
          });
        }}
        cancel={() => void navigate({ to: '/$scope/images', params: { scope: segment } })}
      />
    </Page>
  );
}

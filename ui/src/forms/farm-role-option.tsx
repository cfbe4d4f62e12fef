import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { cloudsQuery } from '../api/clouds';
import { roleImagesQuery } from '../api/roles';
import type { Scope } from '../api/scope';
import { usePlaceName } from '../pages/images/names';

/** A role to choose, with where it can be launched: where it has an image, of the clouds of the environment. */
export function RoleOption({ envId, id, name }: { envId: number; id: number; name: string }) {
  const scope: Scope = { kind: 'environment', id: envId };
  const images = useQuery(roleImagesQuery(scope, id));
  const links = useQuery(cloudsQuery(envId));
  const placeName = usePlaceName(scope);
  const here = (images.data ?? []).filter((it) =>
    links.data?.some((link) => link.cloud === it.cloudPlatform),
  );
  const places = here.map(placeName).join('; ');
  return (
    <Stack gap={0} miw={0}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {name}
      </Text>
      <Text size="xs" c="dimmed">
        {images.error?.message ??
          (images.isPending || links.isPending ? '…' : places || 'No image for a cloud of this environment')}
      </Text>
    </Stack>
  );
}

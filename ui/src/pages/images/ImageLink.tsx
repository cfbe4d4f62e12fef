import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import type { Image } from '../../api/images';
import { scopeSegment, useScope } from '../../api/scope';

export function ImageLink({ image }: { image: Image }) {
  const scope = scopeSegment(useScope());
  return (
    <Anchor
      component={Link}
      to="/$scope/images/$imageId"
      params={{ scope, imageId: image.id ?? '' } as never}
      size="sm"
    >
      {image.name}
    </Anchor>
  );
}

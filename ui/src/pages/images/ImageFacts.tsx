import { Anchor, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { cloudsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import type { Image } from '../../api/images';
import { environmentId, scopeSegment, useScope } from '../../api/scope';
import { Copy } from '../../parts/Copy';
import { When } from '../../parts/When';
import { locationWord } from '../inventory/nouns';
import { gib } from '../inventory/units';
import { scopeLabel, useLocationName, useOsName } from './names';

export function ImageFacts({ image }: { image: Image }) {
  const scope = useScope();
  const osName = useOsName(scope);
  const locationName = useLocationName(scope);
  const platform = image.cloudPlatform ?? '';
  return (
    <dl className="facts">
      <Fact name="Cloud">{cloudName(platform)}</Fact>
      <Fact name={locationWord(platform)}>{locationName(image)}</Fact>
      {image.cloudFeatures?.vCenterHost && <Fact name="vCenter">{image.cloudFeatures.vCenterHost}</Fact>}
      <Fact name="ID in the cloud">
        <Group gap={4} wrap="nowrap">
          <InCloud image={image} />
          <Copy value={image.cloudImageId ?? ''} what="the ID in the cloud" />
        </Group>
      </Fact>
      <Fact name="Operating system">{osName(image.os?.id)}</Fact>
      <Fact name="Architecture">{image.architecture}</Fact>
      <Fact name="Disk of a server">{image.size ? gib(image.size) : 'not known'}</Fact>
      <Fact name="cloud-init">{image.cloudInitInstalled ? 'installed' : 'not said to be installed'}</Fact>
      <Fact name="Scope">{scopeLabel(image.scope)}</Fact>
      <Fact name="ID">
        <Group gap={4} wrap="nowrap">
          <span className="mono">{image.id}</span>
          <Copy value={image.id ?? ''} what="the ID" />
        </Group>
      </Fact>
      <Fact name="Added">
        <When at={image.added} />
      </Fact>
      <Fact name="Last used">
        <When at={image.lastUsed} />
      </Fact>
    </dl>
  );
}

/** In an environment that is linked to its cloud, the way to it in the inventory. */
function InCloud({ image }: { image: Image }) {
  const scope = useScope();
  const envId = environmentId(scope);
  const clouds = useQuery({ ...cloudsQuery(envId), enabled: envId > 0 });
  const id = <span className="mono">{image.cloudImageId}</span>;
  if (!clouds.data?.some((it) => it.cloud === image.cloudPlatform)) return id;
  const params = {
    scope: scopeSegment(scope),
    cloud: image.cloudPlatform,
    location: image.cloudLocation,
    noun: 'cloud-images',
  };
  return (
    <Anchor
      component={Link}
      to="/$scope/inventory/$cloud/$location/$noun"
      params={params as never}
      search={{ id: image.cloudImageId } as never}
      size="sm"
    >
      {id}
    </Anchor>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

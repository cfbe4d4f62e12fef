import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { sentence } from '../../api/client';
import { locationsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { farmQuery, farmRolesQuery } from '../../api/farms';
import { allQuery, sizesOf } from '../../api/inventory';
import { environmentId, scopeSegment, useScope } from '../../api/scope';
import type { Server } from '../../api/servers';
import { Fact, Id } from '../../parts/Fact';
import { When } from '../../parts/When';
import { State } from './State';

export function ServerFacts({ server }: { server: Server }) {
  const scope = useScope();
  const envId = environmentId(scope);
  const { cloudPlatform, cloudLocation, farm, farmRole, launchedBy } = server;
  const itsFarm = useQuery(farmQuery(envId, farm.id));
  const tiers = useQuery(farmRolesQuery(envId, farm.id));
  const locations = useQuery(locationsQuery(envId, cloudPlatform));
  const sizes = useQuery(allQuery(sizesOf({ envId, cloudPlatform, cloudLocation }, {})));
  const size = sizes.data?.rows.find((it) => it.id === server.instanceType.id);
  const location = locations.data?.find((it) => it.cloudLocation === cloudLocation);
  const alias = tiers.data?.find((it) => it.id === farmRole.id)?.alias;
  return (
    <dl className="facts">
      <Fact name="Farm">
        <Anchor
          component={Link}
          to="/$scope/farms/$farmId"
          params={{ scope: scopeSegment(scope), farmId: String(farm.id) } as never}
          size="sm"
          underline="always"
        >
          {itsFarm.data?.name ?? farm.id}
        </Anchor>
        , farm role {alias ?? `${farmRole.id}, which was removed`}, index {server.index}
      </Fact>
      <Fact name="Status">
        <State server={server} />
      </Fact>
      <Fact name="Wanted">{server.wanted}</Fact>
      <Fact name="Cloud">
        {cloudName(cloudPlatform)}, {location?.name ?? cloudLocation}
        {server.cloudStatus && `; it says ${server.cloudStatus}`}
      </Fact>
      <Fact name="Instance type">{size?.name ?? server.instanceType.id}</Fact>
      <Fact name="Connection address">
        {server.connectionAddress ? (
          <Id value={server.connectionAddress} what="the connection address" />
        ) : (
          sentence(server.noAddressBecause ?? 'none until it runs')
        )}
      </Fact>
      {server.waitingFor && (
        <Fact name="Waits for">
          {server.waitingFor.for} since <When at={server.waitingFor.since} />: {server.waitingFor.lastError}
        </Fact>
      )}
      <Fact name="Public addresses">{server.publicIp.join(', ') || 'none'}</Fact>
      <Fact name="Private addresses">{server.privateIp.join(', ') || 'none'}</Fact>
      <Fact name="ID">
        <Id value={server.id} what="the ID" />
      </Fact>
      <Fact name="ID in the cloud">
        {server.cloudServerId ? <Id value={server.cloudServerId} what="the ID in the cloud" /> : 'none yet'}
      </Fact>
      <Fact name="Launched by">
        {launchedBy.email ?? launchedBy.id}: {server.launchReason}
      </Fact>
      <Fact name="Added">
        <When at={server.added} />
      </Fact>
      <Fact name="Launched">
        <When at={server.launched} none="not yet" />
      </Fact>
      {server.suspended && (
        <Fact name="Suspended">
          <When at={server.suspended} />
        </Fact>
      )}
      {server.terminated && (
        <Fact name="Terminated">
          <When at={server.terminated} />
        </Fact>
      )}
      <Fact name="Cloud last asked">
        <When at={server.observedAt} />
      </Fact>
    </dl>
  );
}

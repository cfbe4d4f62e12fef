import { Card, Title } from '@mantine/core';

import type { Server } from '../../api/servers';
import { TierServers } from './TierServers';

/** Servers of tiers that were removed, until they are gone. */
export function LeftOver({ servers }: { servers: Server[] }) {
  if (servers.length === 0) return null;
  return (
    <Card withBorder component="section" aria-label="Of removed farm roles">
      <Title order={3} size="h5" mb="xs">
        Of removed farm roles
      </Title>
      <TierServers label="Servers of removed farm roles" servers={servers} />
    </Card>
  );
}

import { Card, Stack, Tabs, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { isVsphere } from '../../api/clouds';
import { environmentId, useScope } from '../../api/scope';
import { operationsQuery } from '../../api/server-operations';
import type { Server } from '../../api/servers';
import { Console } from './Console';
import { InItsCloud } from './InItsCloud';
import { serverName } from './names';
import { Operations } from './Operations';
import { ServerFacts } from './ServerFacts';
import { Timeline } from './Timeline';

/** What is known of a server, what was asked of it, and what only its cloud can show. */
export function ServerTabs({ server }: { server: Server }) {
  const envId = environmentId(useScope());
  const { tab = 'overview' } = useSearch({ from: '/in/$scope/servers/$serverId' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const operations = useQuery(operationsQuery(envId, server.id));
  const nOpen = (operations.data ?? []).filter((it) => !it.ended).length;
  const nEnded = (operations.data ?? []).length - nOpen;
  const isThere = Boolean(server.cloudServerId) && server.status !== 'terminated';
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: ['servers'] });
    notifications.show({ message: `${serverName(server)} ${message}.` });
  };
  const show = (next: string | null) =>
    void navigate({
      to: '.',
      search: { tab: next === 'overview' ? undefined : next } as never,
      replace: true,
      resetScroll: false,
    });
  return (
    <Tabs value={tab} onChange={show} keepMounted={false}>
      <Tabs.List aria-label="Parts of the server">
        <Tabs.Tab value="overview">Overview</Tabs.Tab>
        <Tabs.Tab value="operations">Operations{nOpen > 0 && ` (${nOpen} not done)`}</Tabs.Tab>
        {isThere && (
          <>
            <Tabs.Tab value="storage">
              {isVsphere(server.cloudPlatform) ? 'Disks and snapshots' : 'Storage and addresses'}
            </Tabs.Tab>
            <Tabs.Tab value="console">Console</Tabs.Tab>
          </>
        )}
      </Tabs.List>
      <Tabs.Panel value="overview" pt="md">
        <Stack gap="md">
          <Card withBorder component="section" aria-label="Facts">
            <Title order={2} size="h4" mb="sm">
              Facts
            </Title>
            <ServerFacts server={server} />
          </Card>
          <Timeline of={{ server: server.id }} servers={[server]} />
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="operations" pt="md">
        <Operations server={server} list={operations} done={done} />
      </Tabs.Panel>
      {isThere && (
        <>
          <Tabs.Panel value="storage" pt="md">
            <InItsCloud server={server} nEnded={nEnded} done={done} />
          </Tabs.Panel>
          <Tabs.Panel value="console" pt="md">
            <Console server={server} />
          </Tabs.Panel>
        </>
      )}
    </Tabs>
  );
}

import { Button, Card, Loader, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { sentence } from '../../api/client';
import { cloudsQuery, countQuery, locationsQuery, syncsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { ownEnvironmentQuery } from '../../api/environments';
import { farmsQuery } from '../../api/farms';
import { type Scope, scopeSegment } from '../../api/scope';
import { failedServersQuery } from '../../api/servers';
import { useSession } from '../../api/session';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { SyncState } from '../clouds/LastSync';
import { Locations } from '../clouds/Locations';
import { farmsByStatus, liveServers, serversByStatus } from '../farms/counts';
import { type Problem, Problems } from './Problems';
import { serverProblems } from './serverProblems';
import { Stat } from './Stat';

/** So many servers that fail are told one by one. */
const SHOWN = 10;

export function EnvironmentOverview({ envId }: { envId: number }) {
  const scope: Scope = { kind: 'environment', id: envId };
  const params = { scope: scopeSegment(scope) } as never;
  const environment = useQuery(ownEnvironmentQuery(envId));
  const clouds = useQuery(cloudsQuery(envId));
  const links = clouds.data ?? [];
  const syncs = useQueries({ queries: links.map((it) => syncsQuery(envId, it.cloud)) });
  const locations = useQueries({ queries: links.map((it) => locationsQuery(envId, it.cloud)) });
  const places = locations.flatMap((it) => it.data ?? []);
  const machines = useQueries({
    queries: places.map((it) => countQuery(envId, it.cloudPlatform, it.cloudLocation, 'machines')),
  });
  const nMachines = machines.every((it) => it.data)
    ? machines.reduce((sum, it) => sum + (it.data?.total ?? 0), 0)
    : undefined;
  const farms = useQuery(farmsQuery(envId));
  const failed = useQuery(failedServersQuery(envId, SHOWN));
  const problems = links.flatMap((link, index): Problem[] => {
    const last = syncs[index]?.data?.find((it) => it.status !== 'running');
    const since = link.suspendedSince ?? link.authFailingSince;
    const isFailed = last?.status === 'failed';
    if (!since && !isFailed) return [];
    const reason = link.reason ?? last?.error;
    return [
      {
        key: link.cloud,
        name: cloudName(link.cloud),
        link: { to: '/$scope/clouds', params },
        state: <Status value={link.status === 'suspended' ? 'suspended' : 'failed'} />,
        since: <When at={since ?? last?.endedAt} />,
        reason: reason ? sentence(reason) : undefined,
      },
    ];
  });
  return (
    <Page
      title={environment.data?.name ?? `Environment ${envId}`}
      hint={
        environment.data?.status === 'inactive'
          ? 'This environment is inactive: its clouds are not asked for anything.'
          : 'What this environment has of its clouds.'
      }
    >
      <ErrorNotice error={environment.error} retry={() => void environment.refetch()} />
      <ErrorNotice error={clouds.error} retry={() => void clouds.refetch()} />
      {clouds.isPending && <Loader aria-label="Loading clouds" />}
      {clouds.data?.length === 0 && <NoClouds envId={envId} />}
      {links.length > 0 && (
        <>
          <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
            <Stat
              label="Farms"
              value={farms.data?.length}
              error={farms.error}
              detail={farmsByStatus(farms.data ?? [])}
              to="/$scope/farms"
              scope={scope}
            />
            <Stat
              label="Servers"
              value={farms.data?.reduce((sum, it) => sum + liveServers(it), 0)}
              error={farms.error}
              detail={serversByStatus(...(farms.data ?? []))}
              to="/$scope/servers"
              scope={scope}
            />
            <Stat label="Clouds" value={links.length} to="/$scope/clouds" scope={scope} />
            <Stat
              label="Regions and datacenters"
              value={locations.every((it) => it.data) ? places.length : undefined}
              error={locations.find((it) => it.error)?.error}
              to="/$scope/inventory"
              scope={scope}
            />
            <Stat
              label="Machines"
              value={nMachines}
              error={machines.find((it) => it.error)?.error}
              to="/$scope/inventory"
              scope={scope}
            />
          </SimpleGrid>
          <ErrorNotice
            error={failed.error}
            retry={() => void failed.refetch()}
            title="Servers that fail cannot be listed"
          />
          <Problems
            problems={[...problems, ...serverProblems(envId, failed.data, farms.data ?? [])]}
            none={
              failed.data
                ? 'Nothing: every cloud was read without an error, and no server fails.'
                : 'Every cloud was read without an error.'
            }
          />
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            {links.map((link, index) => (
              <Card key={link.cloud} withBorder component="section" aria-label={cloudName(link.cloud)}>
                <Stack gap="sm">
                  <Title order={2} size="h4">
                    {cloudName(link.cloud)}
                  </Title>
                  {syncs[index]?.data?.[0] && <SyncState sync={syncs[index].data[0]} />}
                  <Locations envId={envId} platform={link.cloud} />
                </Stack>
              </Card>
            ))}
          </SimpleGrid>
        </>
      )}
    </Page>
  );
}

function NoClouds({ envId }: { envId: number }) {
  const session = useSession();
  const accountId = session.environments.find((it) => it.id === envId)?.accountId;
  const account = session.accounts.find((it) => it.id === accountId);
  return (
    <Card withBorder>
      <Empty
        title="No cloud is linked to this environment"
        action={
          account && (
            <Button
              component={Link}
              to="/$scope/environments/$envId"
              params={{ scope: `account-${account.id}`, envId: String(envId) } as never}
            >
              Link a cloud
            </Button>
          )
        }
      >
        {account
          ? 'Link cloud credentials of the account, and their machines, networks and images appear here.'
          : 'Ask an administrator of the account to link cloud credentials to this environment.'}
      </Empty>
    </Card>
  );
}

import { Button, Card, Group, Loader, Stack, Title } from '@mantine/core';
import { IconCloud, IconServer2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { type Cloud, cloudsQuery, isVsphere } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { scopeSegment, useScope } from '../../api/scope';
import { scopeName, useSession } from '../../api/session';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Status } from '../../parts/Status';
import { Locations } from '../clouds/Locations';
import { OnlyInEnvironments } from './OnlyInEnvironments';

/** The regions and datacenters that an environment reaches, to choose one to look at. */
export function InventoryStart() {
  const scope = useScope();
  return scope.kind === 'environment' ? (
    <Places envId={scope.id} />
  ) : (
    <OnlyInEnvironments title="Inventory" to="/$scope/inventory">
      Machines, images and networks are shown for the clouds that are linked to an environment.
    </OnlyInEnvironments>
  );
}

function Places({ envId }: { envId: number }) {
  const scope = useScope();
  const session = useSession();
  const { data: clouds, error, isPending, refetch } = useQuery(cloudsQuery(envId));
  return (
    <Page title="Inventory" hint={`Choose a region or datacenter that ${scopeName(session, scope)} reaches.`}>
      <ErrorNotice error={error} retry={() => void refetch()} title="The clouds cannot be listed" />
      {isPending && <Loader aria-label="Loading clouds" />}
      {clouds?.length === 0 && <NoCloud envId={envId} />}
      {clouds?.map((it) => (
        <CloudPlaces key={it.cloud} cloud={it} envId={envId} />
      ))}
    </Page>
  );
}

function CloudPlaces({ cloud, envId }: { cloud: Cloud; envId: number }) {
  const name = cloudName(cloud.cloud);
  const Icon = isVsphere(cloud.cloud) ? IconServer2 : IconCloud;
  return (
    <Card withBorder component="section" aria-label={name} padding="md">
      <Stack gap="sm">
        <Group gap="xs" wrap="nowrap">
          <Icon size={22} stroke={1.6} aria-hidden />
          <Title order={2} size="h4">
            {name}
          </Title>
          <Status value={cloud.status} />
        </Group>
        <Locations envId={envId} platform={cloud.cloud} />
      </Stack>
    </Card>
  );
}

function NoCloud({ envId }: { envId: number }) {
  const session = useSession();
  const accountId = session.environments.find((it) => it.id === envId)?.accountId;
  const account = session.accounts.find((it) => it.id === accountId);
  return (
    <Empty
      title="No cloud is linked to this environment"
      action={
        account && (
          <Button
            component={Link}
            to="/$scope/environments/$envId"
            params={
              { scope: scopeSegment({ kind: 'account', id: account.id }), envId: String(envId) } as never
            }
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
  );
}

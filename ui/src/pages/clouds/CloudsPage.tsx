import { Button, Loader, SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { cloudsQuery } from '../../api/clouds';
import { type Scope, scopeSegment, useScope } from '../../api/scope';
import { scopeName, useSession } from '../../api/session';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { CloudCard } from './CloudCard';
import { platformsOf } from './platforms';
import { Syncs } from './Syncs';
import { SyncNow } from './SyncNow';

/** The clouds of the environment one works in. */
export function CloudsPage() {
  const scope = useScope();
  const session = useSession();
  const envId = scope.kind === 'environment' ? scope.id : 0;
  const { data: links, error, isPending, refetch } = useQuery(cloudsQuery(envId));
  const accountId = session.environments.find((it) => it.id === envId)?.accountId;
  const account: Scope | undefined = session.accounts
    .filter((it) => it.id === accountId)
    .map((it) => ({ kind: 'account', id: it.id }) as const)[0];
  const change = account && (
    <Button
      component={Link}
      to="/$scope/environments/$envId"
      params={{ scope: scopeSegment(account), envId: String(envId) } as never}
      variant={links?.length === 0 ? 'filled' : 'default'}
    >
      {links?.length === 0 ? 'Link a cloud' : 'Change links'}
    </Button>
  );
  return (
    <Page
      title="Clouds"
      hint={`What ${scopeName(session, scope)} can reach, with which credentials.`}
      actions={links && links.length > 0 && change}
    >
      <ErrorNotice error={error} retry={() => void refetch()} />
      {isPending && <Loader aria-label="Loading clouds" />}
      {links?.length === 0 && (
        <Empty title="No cloud is linked to this environment" action={change}>
          {account
            ? 'Link cloud credentials of the account, and their machines, networks and images appear here.'
            : 'Ask an administrator of the account to link cloud credentials to this environment.'}
        </Empty>
      )}
      {links && links.length > 0 && (
        <SimpleGrid cols={{ base: 1, lg: 2 }}>
          {platformsOf(links)
            .flatMap((platform) => links.find((it) => it.cloud === platform) ?? [])
            .map((link) => (
              <CloudCard
                key={link.cloud}
                platform={link.cloud}
                link={link}
                envId={envId}
                credentialsScope={account}
                actions={<SyncNow envId={envId} platform={link.cloud} />}
              />
            ))}
        </SimpleGrid>
      )}
      {links?.map((link) => (
        <Syncs key={link.cloud} envId={envId} platform={link.cloud} />
      ))}
    </Page>
  );
}

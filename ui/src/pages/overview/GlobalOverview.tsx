import { Button, SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { accountCountQuery, countOf, installationQuery } from '../../api/accounts';
import { sentence } from '../../api/client';
import { credentialsQuery } from '../../api/cloud-credentials';
import { scopeSegment, useScope } from '../../api/scope';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { credentialProblems } from './credentialProblems';
import { type Problem, Problems } from './Problems';
import { Stat } from './Stat';
import { Steps } from './Steps';

export function GlobalOverview() {
  const scope = useScope();
  const accounts = useQuery(accountCountQuery);
  const users = useQuery(countOf(scope, 'users'));
  const credentials = useQuery(credentialsQuery(scope));
  const system = useQuery(installationQuery);
  const params = { scope: scopeSegment(scope) };
  const failing = (system.data?.credentials ?? []).flatMap((it): Problem[] =>
    it.error
      ? [
          {
            key: `sync ${it.id}`,
            name: it.name,
            link: {
              to: '/$scope/credentials/$credentialId',
              params: {
                scope: it.accountId ? `account-${it.accountId}` : params.scope,
                credentialId: it.id,
              } as never,
            },
            state: <Status value="failed" />,
            since: (
              <>
                last read <When at={it.lastSyncAt} />
              </>
            ),
            reason: sentence(it.error),
          },
        ]
      : [],
  );
  return (
    <Page title="The whole installation" hint="What belongs to Scalr scope is there for all accounts.">
      <SimpleGrid cols={{ base: 2, md: 3 }} spacing="sm">
        <Stat
          label="Accounts"
          value={accounts.data}
          error={accounts.error}
          to="/$scope/accounts"
          scope={scope}
        />
        <Stat
          label="Shared cloud credentials"
          value={credentials.data?.length}
          error={credentials.error}
          to="/$scope/credentials"
          scope={scope}
        />
        <Stat
          label="Administrators"
          value={users.data}
          error={users.error}
          to="/$scope/users"
          scope={scope}
        />
      </SimpleGrid>
      {accounts.data !== undefined && (
        <Steps
          steps={[
            {
              title: 'Create an account',
              hint: 'A business unit: it has environments, teams and cloud credentials of its own.',
              isDone: accounts.data > 0,
              action: (
                <Button component={Link} to="/$scope/accounts" params={params as never} size="xs">
                  Open accounts
                </Button>
              ),
            },
          ]}
        />
      )}
      <ErrorNotice error={system.error} retry={() => void system.refetch()} />
      {credentials.data && system.data && (
        <Problems
          problems={[...credentialProblems(scope, credentials.data), ...failing]}
          none="Nothing: every cloud that is linked could be read."
        />
      )}
    </Page>
  );
}

import { Button, SimpleGrid } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { countOf, teamCountQuery } from '../../api/accounts';
import { sentence } from '../../api/client';
import { environmentCloudsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { credentialsQuery } from '../../api/cloud-credentials';
import { environmentsQuery } from '../../api/environments';
import { type Scope, scopeSegment } from '../../api/scope';
import { scopeName, useSession } from '../../api/session';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { credentialProblems } from './credentialProblems';
import { type Problem, Problems } from './Problems';
import { Stat } from './Stat';
import { type Step, Steps } from './Steps';

type AccountScope = Extract<Scope, { kind: 'account' }>;
/** Of so many environments it is asked whether their clouds are suspended. */
const ASKED = 30;

export function AccountOverview({ scope }: { scope: AccountScope }) {
  const session = useSession();
  const environments = useQuery(environmentsQuery(scope.id));
  const credentials = useQuery(credentialsQuery(scope));
  const users = useQuery(countOf(scope, 'users'));
  const teams = useQuery(teamCountQuery(scope.id));
  const used = [...new Set((credentials.data ?? []).flatMap((it) => it.usedBy.map((env) => env.id)))];
  const links = useQueries({
    queries: used.slice(0, ASKED).map((id) => environmentCloudsQuery(scope.id, id)),
  });
  const params = { scope: scopeSegment(scope) };

  const suspended = links.flatMap((it, index) =>
    (it.data ?? []).flatMap((link): Problem[] => {
      const since = link.suspendedSince ?? link.authFailingSince;
      if (!since) return [];
      const envId = used[index] ?? 0;
      const name = environments.data?.find((env) => env.id === envId)?.name ?? `environment ${envId}`;
      return [
        {
          key: `${envId} ${link.cloud}`,
          name: `${cloudName(link.cloud)} in ${name}`,
          link: {
            to: '/$scope/environments/$envId',
            params: { ...params, envId: String(envId) } as never,
          },
          state: <Status value={link.status === 'suspended' ? 'suspended' : 'warning'} />,
          since: (
            <>
              login refused since <When at={since} />
            </>
          ),
          reason: link.reason ? sentence(link.reason) : undefined,
        },
      ];
    }),
  );
  const envId = environments.data?.[0]?.id;
  const steps: Step[] = [
    {
      title: 'Connect a cloud',
      hint: 'Add the endpoint and the login of an OpenStack or of a vCenter. They are checked before they are saved.',
      isDone: (credentials.data ?? []).length > 0,
      action: (
        <Button component={Link} to="/$scope/credentials/new" params={params as never} size="xs">
          Add cloud credentials
        </Button>
      ),
    },
    {
      title: 'Link it to an environment',
      hint: 'Credentials do nothing until an environment uses them. Linking reads the cloud for the first time.',
      isDone: used.length > 0,
      action: (
        <Button
          component={Link}
          to={envId ? '/$scope/environments/$envId' : '/$scope/environments'}
          params={{ ...params, envId: String(envId) } as never}
          size="xs"
        >
          Link credentials
        </Button>
      ),
    },
    {
      title: 'Invite people',
      hint: 'Make users and put them into teams; a team has access to environments with an ACL role.',
      isDone: (users.data ?? 0) > 0 && (teams.data ?? 0) > 0,
      action: (
        <Button component={Link} to="/$scope/users" params={params as never} size="xs">
          Open users
        </Button>
      ),
    },
  ];
  const isKnown =
    credentials.data && environments.data && users.data !== undefined && teams.data !== undefined;
  return (
    <Page title={scopeName(session, scope)} hint="What this account has, and what to do next.">
      <ErrorNotice error={credentials.error} retry={() => void credentials.refetch()} />
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        <Stat
          label="Environments"
          value={environments.data?.length}
          error={environments.error}
          to="/$scope/environments"
          scope={scope}
        />
        <Stat
          label="Cloud credentials"
          value={credentials.data?.length}
          error={credentials.error}
          to="/$scope/credentials"
          scope={scope}
        />
        <Stat label="Users" value={users.data} error={users.error} to="/$scope/users" scope={scope} />
        <Stat label="Teams" value={teams.data} error={teams.error} to="/$scope/teams" scope={scope} />
      </SimpleGrid>
      {isKnown && <Steps steps={steps} />}
      {credentials.data && (
        <Problems
          problems={[...credentialProblems(scope, credentials.data), ...suspended]}
          none="Nothing: all credentials are enabled, and their clouds accept them."
        />
      )}
    </Page>
  );
}

import { Anchor } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';

import { cloudName, PROVIDERS } from '../../api/clouds-names';
import { scopeSegment, useScope } from '../../api/scope';
import { scopeName, useSession } from '../../api/session';
import { Page } from '../../parts/Page';
import { NewCredential } from './NewCredential';

const ROUTE = '/in/$scope/credentials/new';

/** Chooses a cloud, takes its endpoint and login, and saves what the cloud accepts. */
export function NewCredentialPage() {
  const scope = useScope();
  const search = useSearch({ from: ROUTE });
  const session = useSession();
  // Only an account has environments.
  const link = scope.kind === 'account' ? search.link : undefined;
  const cloud = PROVIDERS.find((it) => it.value === search.cloud)?.value;
  const environment = link && scopeName(session, { kind: 'environment', id: Number(link) });
  const back = (
    <Anchor
      component={Link}
      to="/$scope/credentials"
      params={{ scope: scopeSegment(scope) } as never}
      size="sm"
    >
      All cloud credentials
    </Anchor>
  );
  return (
    <Page
      title={cloud ? `Add ${cloudName(cloud)} credentials` : 'Add cloud credentials'}
      hint={
        scope.kind === 'global'
          ? 'At Scalr scope: every account may use them. Add them to an account unless all accounts may use this cloud.'
          : environment
            ? `For this account. When they are saved, the environment ${environment} is linked to them.`
            : 'For this account. They do nothing until an environment is linked to them.'
      }
      actions={back}
    >
      <NewCredential
        key={scopeSegment(scope)}
        scope={scope}
        cloud={cloud}
        validationId={search.validation}
        link={link}
      />
    </Page>
  );
}

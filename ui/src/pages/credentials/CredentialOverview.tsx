import { cloudName } from '../../api/clouds-names';
import { Anchor, Badge, Card, Group, SimpleGrid, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { type CloudCredentials, vcentersOf } from '../../api/cloud-credentials';
import { scopeSegment, useScope } from '../../api/scope';
import { Copy } from '../../parts/Copy';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { CredentialCache } from './CredentialCache';
import { CredentialFacts } from './CredentialFacts';
import { CredentialUses } from './CredentialUses';
import { CredentialVCenters } from './CredentialVCenters';

export function CredentialOverview({ credentials }: { credentials: CloudCredentials }) {
  const { id, name, provider, status, lastValidation, description } = credentials;
  const vcenters = vcentersOf(credentials);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
      <Card withBorder component="section" aria-label="Credentials">
        <dl className="facts">
          <dt>Cloud</dt>
          <dd>{cloudName(provider ?? '')}</dd>
          <dt>ID</dt>
          <dd>
            <Group gap={4} component="span">
              <span className="mono">{id}</span>
              <Copy value={id ?? ''} what="the ID" />
            </Group>
          </dd>
          <dt>Name</dt>
          <dd>{name}</dd>
          {description && (
            <>
              <dt>Description</dt>
              <dd style={{ whiteSpace: 'pre-wrap' }}>{description}</dd>
            </>
          )}
          <dt>Used by</dt>
          <dd>
            <UsedBy credentials={credentials} />
          </dd>
          <dt>Status</dt>
          <dd>
            <Status value={status} />
          </dd>
          <dt>Last checked</dt>
          <dd>
            <Group gap={6} component="span">
              {lastValidation && <Status value={lastValidation.status} />}
              <When at={lastValidation?.endedAt ?? lastValidation?.startedAt} />
            </Group>
          </dd>
          <CredentialFacts credentials={credentials} />
          <dt>Added</dt>
          <dd>
            <When at={credentials.added} />
          </dd>
          <dt>Changed</dt>
          <dd>
            <When at={credentials.updated} />
          </dd>
        </dl>
      </Card>
      <Stack>
        <CredentialCache credentials={credentials} />
        {vcenters.length > 0 && <CredentialVCenters vcenters={vcenters} />}
        <CredentialUses uses={credentials.lastUses ?? []} />
      </Stack>
    </SimpleGrid>
  );
}

function UsedBy({ credentials }: { credentials: CloudCredentials }) {
  const scope = useScope();
  const users = credentials.usedBy ?? [];
  if (users.length === 0)
    return (
      <>
        no environment.{' '}
        {scope.kind === 'account' ? (
          <Anchor
            component={Link}
            to="/$scope/environments"
            params={{ scope: scopeSegment(scope) } as never}
            size="sm"
          >
            Open one to link them
          </Anchor>
        ) : (
          'Each account links them to its own environments.'
        )}
      </>
    );
  return (
    <Group gap={6}>
      {users.map((it) => (
        <Badge
          key={it.id}
          component={Link}
          {...({
            to: '/$scope/environments/$envId',
            params: { scope: `account-${it.accountId}`, envId: String(it.id) },
          } as object)}
          variant="default"
          radius="sm"
          size="lg"
          tt="none"
          fw={500}
          style={{ cursor: 'pointer' }}
          title={it.name}
        >
          {scope.kind === 'global' ? `${it.accountName} / ${it.name}` : it.name}
        </Badge>
      ))}
    </Group>
  );
}

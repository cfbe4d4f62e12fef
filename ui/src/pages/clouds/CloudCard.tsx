import { Alert, Anchor, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCloud, IconServer2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { type Cloud, isVsphere } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { sentence } from '../../api/client';
import { type Scope, scopeSegment } from '../../api/scope';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { LastSync } from './LastSync';
import { Locations } from './Locations';

type Props = {
  platform: string;
  /** Absent where no credentials are linked. */
  link: Cloud | undefined;
  envId: number;
  /** Where the page of the credentials is, for those who may open it. */
  credentialsScope: Scope | undefined;
  /** What can be done with the link. */
  actions: ReactNode;
};

/** A cloud of an environment: with which credentials, how the link is, and what it makes available. */
export function CloudCard({ platform, link, envId, credentialsScope, actions }: Props) {
  const name = cloudName(platform);
  const Icon = isVsphere(platform) ? IconServer2 : IconCloud;
  return (
    <Card withBorder component="section" aria-label={name} padding="md">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Group gap="xs" wrap="nowrap" miw={0}>
            <Icon size={22} stroke={1.6} aria-hidden />
            <Title order={2} size="h4">
              {name}
            </Title>
          </Group>
          <Group gap={6}>{actions}</Group>
        </Group>
        {link ? (
          <>
            <LinkState link={link} />
            <dl className="facts">
              <dt>Credentials</dt>
              <dd>
                <Credentials link={link} scope={credentialsScope} />
              </dd>
              <dt>Status</dt>
              <dd>
                <Status value={link.status} />
              </dd>
              <dt>Linked</dt>
              <dd>
                <When at={link.linkedAt} />
              </dd>
              <dt>Last read</dt>
              <dd>
                <LastSync envId={envId} platform={platform} />
              </dd>
            </dl>
            <Locations envId={envId} platform={platform} />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            No credentials are linked, so nothing of this cloud can be seen or used here.
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function Credentials({ link, scope }: { link: Cloud; scope: Scope | undefined }) {
  if (!scope) return link.credentialsName;
  return (
    <Anchor
      component={Link}
      to="/$scope/credentials/$credentialId"
      params={{ scope: scopeSegment(scope), credentialId: link.credentials.id } as never}
      size="sm"
    >
      {link.credentialsName}
    </Anchor>
  );
}

function LinkState({ link }: { link: Cloud }) {
  const isSuspended = link.status === 'suspended';
  const since = isSuspended ? link.suspendedSince : link.authFailingSince;
  if (!since) return null;
  return (
    <Alert
      color={isSuspended ? 'red' : 'orange'}
      icon={<IconAlertTriangle aria-hidden />}
      title={isSuspended ? 'Suspended' : 'The cloud refuses the login'}
    >
      <Text size="sm">
        Since <When at={since} />. {link.reason && sentence(link.reason)}{' '}
        {isSuspended
          ? 'Nothing was terminated. The first accepted login lifts this: check the credentials.'
          : 'When this lasts the cloud is suspended here. Check the credentials.'}
      </Text>
    </Alert>
  );
}

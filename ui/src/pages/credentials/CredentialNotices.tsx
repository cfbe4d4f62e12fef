import { Alert, Anchor, Text } from '@mantine/core';
import { IconAlertTriangle, IconLock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import type { CloudCredentials } from '../../api/cloud-credentials';
import { useSession } from '../../api/session';

/** Why these credentials are not used, or cannot be changed here. */
export function CredentialNotices({ credentials, isOwn }: { credentials: CloudCredentials; isOwn: boolean }) {
  const session = useSession();
  const { status, lastValidation } = credentials;
  const isFailed = lastValidation?.status === 'failed';
  const reason =
    status === 'disabled'
      ? 'No check has passed since they were saved, so nothing uses them. A check that passes enables them.'
      : status === 'suspended'
        ? 'The cloud has refused the login for too long. A check that passes lifts this.'
        : isFailed
          ? 'The last checks failed. The report says what and what to do; until then what was saved stays in use.'
          : undefined;
  return (
    <>
      {!isOwn && (
        <Alert color="gray" icon={<IconLock aria-hidden />} title="Read-only from here">
          <Text size="sm">
            These credentials belong to the Scalr scope and are there for every account. Here they can be
            linked to environments and checked; they are changed and deleted at the Scalr scope.{' '}
            {session.isGlobalAdministrator && (
              <Anchor
                component={Link}
                to="/$scope/credentials/$credentialId"
                params={{ scope: 'global', credentialId: credentials.id } as never}
                size="sm"
                underline="always"
              >
                Open them there
              </Anchor>
            )}
          </Text>
        </Alert>
      )}
      {reason && (
        <Alert
          color={status === 'disabled' ? 'orange' : 'red'}
          icon={<IconAlertTriangle aria-hidden />}
          title={status === 'enabled' ? 'The last checks failed' : `These credentials are ${status}`}
        >
          <Text size="sm">{reason}</Text>
        </Alert>
      )}
    </>
  );
}

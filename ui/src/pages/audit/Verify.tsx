import { Alert, Anchor, Button, Group, Text } from '@mantine/core';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { type AuditVerification, verifyAudit } from '../../api/audit';
import { useScope } from '../../api/scope';
import { useSession } from '../../api/session';
import { ErrorNotice } from '../../parts/ErrorNotice';

/** Checks the chain that the rows form, and tells the first that is not as it was written. */
export function Verify() {
  const scope = useScope();
  const verify = useMutation({ mutationFn: () => verifyAudit(scope) });
  const bad = (verify.data ?? []).filter((it) => !it.ok);
  const count = (verify.data ?? []).reduce((sum, it) => sum + it.count, 0);
  return (
    <div>
      <Group gap="sm">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconShieldCheck size={16} aria-hidden />}
          loading={verify.isPending}
          onClick={() => verify.mutate()}
        >
          Verify
        </Button>
        <Text size="sm" c="dimmed" flex="1 1 14rem">
          The rows form a chain under a sealed key.{' '}
          {scope.kind === 'global'
            ? 'Verifying reads the logs of the installation and of all accounts.'
            : 'Verifying reads all of them.'}
        </Text>
      </Group>
      <ErrorNotice error={verify.error} title="The log could not be verified" />
      <div role="status">
        {verify.data && bad.length === 0 && (
          <Alert color="teal" variant="light" icon={<IconShieldCheck aria-hidden />} title="The log is whole">
            {count.toLocaleString('en')} rows
            {verify.data.length > 1 ? ` in ${verify.data.length} logs` : ''} are as they were written.
          </Alert>
        )}
        {bad.length > 0 && (
          <Alert
            color="red"
            variant="light"
            icon={<IconShieldX aria-hidden />}
            title="The log is not as it was written"
          >
            {bad.map((it) => (
              <Fault key={it.accountId} found={it} />
            ))}
            <Text size="sm" mt="xs">
              Somebody changed the database past this program. Compare with a backup, and with the heads of
              the chain in the server&apos;s own log.
            </Text>
          </Alert>
        )}
      </div>
    </div>
  );
}

const PROBLEM: Record<string, string> = {
  altered: 'was altered',
  missing: 'is missing',
  'cut-off': 'and all after it were cut off',
};

function Fault({ found }: { found: AuditVerification }) {
  const session = useSession();
  const { accountId, firstBadSeq, problem } = found;
  // A deleted account has no name any more; its log stays.
  const account = session.accounts.find((it) => it.id === accountId)?.name ?? accountId;
  const name = accountId ? `account ${account}` : 'the Scalr scope';
  return (
    <Text size="sm">
      In the log of {name}, row{' '}
      {problem === 'altered' ? (
        <Anchor
          component={Link}
          to="/$scope/audit"
          params={{ scope: accountId ? `account-${accountId}` : 'global' } as never}
          search={{ row: String(firstBadSeq) } as never}
          size="sm"
          underline="always"
        >
          {firstBadSeq}
        </Anchor>
      ) : (
        firstBadSeq
      )}{' '}
      {PROBLEM[problem ?? ''] ?? problem}.
    </Text>
  );
}

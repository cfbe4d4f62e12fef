import { Code, Group, Loader, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { roleScriptQuery } from '../../api/role-script';
import { useScope } from '../../api/scope';
import { useSession } from '../../api/session';
import { Copy } from '../../parts/Copy';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { CredentialSection } from './CredentialSection';

const FORMATS = [
  { value: 'govc', label: 'govc' },
  { value: 'powercli', label: 'PowerCLI' },
];

/** The script that makes a role with all privileges and gives it to the user. */
export function CredentialRole({ userName }: { userName: string }) {
  const scope = useScope();
  const session = useSession();
  const [format, setFormat] = useState('govc');
  const [user, setUser] = useState(userName || 'stackyard@vsphere.local');
  const [role, setRole] = useState('Stackyard');
  const [asked] = useDebouncedValue({ user: user.trim(), role: role.trim() || 'Stackyard', format }, 250);
  // The script is the same for all; only its route is one of accounts.
  const accountId = scope.kind === 'account' ? scope.id : session.accounts[0]?.id;
  const { data, error, isPending, refetch } = useQuery({
    ...roleScriptQuery(accountId ?? 0, asked),
    enabled: accountId !== undefined && asked.user !== '',
    placeholderData: keepPreviousData,
  });
  return (
    <CredentialSection
      title="Role script"
      actions={data && <Copy value={data.script} what="the role script" />}
    >
      <Text size="sm" c="dimmed">
        Makes a role with every privilege that is checked, or brings it up to date, and gives it to the user
        on the root folder. Run it with the rights of an administrator of the vCenter, once for each linked
        vCenter.
      </Text>
      <Group align="flex-end" gap="sm">
        <TextInput
          label="User"
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
          error={user.trim() ? undefined : 'Enter the user who shall have the role.'}
          style={{ flex: '1 1 14rem' }}
        />
        <TextInput
          label="Role"
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
          style={{ flex: '1 1 10rem' }}
        />
        <SegmentedControl data={FORMATS} value={format} onChange={setFormat} aria-label="Kind of script" />
      </Group>
      <ErrorNotice error={error} retry={() => void refetch()} />
      {accountId === undefined ? (
        <Text size="sm">Create an account first: the script is made at account scope.</Text>
      ) : data ? (
        <Code
          block
          tabIndex={0}
          role="region"
          aria-label="Text of the script"
          mah="24rem"
          style={{ overflow: 'auto' }}
        >
          {data.script}
        </Code>
      ) : (
        isPending && asked.user && <Loader aria-label="Loading the script" />
      )}
    </CredentialSection>
  );
}

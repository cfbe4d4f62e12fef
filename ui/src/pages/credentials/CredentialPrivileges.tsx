import { Loader, Stack, Text, Title } from '@mantine/core';

import { type CloudCredentials, type VmwareCredentials } from '../../api/cloud-credentials';
import { useScope } from '../../api/scope';
import { useValidation } from '../../api/validations';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { groupsOf, isPrivilege } from './checks';
import { CredentialRole } from './CredentialRole';
import { CredentialSection } from './CredentialSection';
import { Privileges } from './Privileges';

/** What the user of a vCenter may do, what that blocks, and the script that grants what is missing. */
export function CredentialPrivileges({ credentials }: { credentials: CloudCredentials }) {
  const { validation, error, refetch } = useValidation(useScope(), credentials.lastValidation?.id);
  const groups = groupsOf((validation?.checks ?? []).filter(isPrivilege));
  return (
    <Stack>
      <CredentialSection title="Privileges">
        <ErrorNotice error={error} retry={() => void refetch()} />
        {!validation && !error && credentials.lastValidation && <Loader aria-label="Loading the report" />}
        {(validation || !credentials.lastValidation) && groups.length === 0 && (
          <Text size="sm" c="dimmed">
            No privilege was asked for yet. Press “Check now” above.
          </Text>
        )}
        {groups.length > 0 && validation && (
          <Text size="sm" c="dimmed" component="div">
            As the vCenters answered <When at={validation.endedAt ?? validation.startedAt} />. A user who
            shall only look at the inventory needs none of those that are missing.
          </Text>
        )}
        {groups.map(({ name, rows }) => (
          <section key={name} aria-label={name} className="report">
            <Title order={3} size="h6" className="truncate" title={name} mb={4}>
              {name}
            </Title>
            <Privileges checks={rows} />
          </section>
        ))}
      </CredentialSection>
      <CredentialRole userName={(credentials as VmwareCredentials).userName ?? ''} />
    </Stack>
  );
}

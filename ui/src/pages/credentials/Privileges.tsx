import { Group, Stack, Text, Title } from '@mantine/core';
import { IconCircleX } from '@tabler/icons-react';

import type { Check } from '../../api/validations';
import { Copy } from '../../parts/Copy';
import { attention, counts, privilegeOf } from './checks';
import { StatusMark } from './CheckRow';
import { Fold } from './Fold';

/** The privileges of one vCenter's user: what cannot be done for want of which, then each with where it was asked. */
export function Privileges({ checks }: { checks: Check[] }) {
  const missing = checks.filter((it) => attention(it) > 0);
  const all = [...missing, ...checks.filter((it) => attention(it) === 0)];
  const vcenter = checks[0]?.group ?? '';
  return (
    <>
      {missing.length > 0 && (
        <Stack gap="xs" className="privileges">
          <Group gap="xs">
            <Title order={4} size="sm">
              Blocked operations
            </Title>
            <Text size="sm" c="dimmed">
              for want of {missing.length} of {checks.length} privileges
            </Text>
            <Copy value={missing.map(privilegeOf).join('\n')} what="the missing privileges" />
          </Group>
          <Matrix missing={missing} vcenter={vcenter} />
        </Stack>
      )}
      <Fold label={`${checks.length} privileges: ${counts(checks)}`}>
        <div
          className="table-box privilege-list"
          tabIndex={0}
          role="region"
          aria-label={`Privileges on ${vcenter}`}
        >
          <table>
            <thead>
              <tr>
                <th scope="col">Privilege</th>
                <th scope="col">Status</th>
                <th scope="col">What was seen</th>
              </tr>
            </thead>
            <tbody>
              {all.map((check) => (
                <tr key={check.id}>
                  <td className="mono">{privilegeOf(check)}</td>
                  <td>
                    <Group gap={6} wrap="nowrap">
                      <StatusMark status={check.status} />
                      <span aria-hidden>{check.status}</span>
                    </Group>
                  </td>
                  <td title={[check.detail, check.remedy].filter(Boolean).join('\n')}>{check.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Fold>
    </>
  );
}

function Matrix({ missing, vcenter }: { missing: Check[]; vcenter: string }) {
  const operations = [...new Set(missing.flatMap((it) => it.operations ?? []))].toSorted();
  return (
    <div
      className="table-box matrix"
      tabIndex={0}
      role="region"
      aria-label={`Blocked operations on ${vcenter}`}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">Operation</th>
            {missing.map((check) => (
              <th key={check.id} scope="col" title={check.detail}>
                <span>{privilegeOf(check)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {operations.map((operation) => (
            <tr key={operation}>
              <th scope="row">{operation}</th>
              {missing.map((check) => (
                <td key={check.id}>
                  {check.operations?.includes(operation) && (
                    <IconCircleX size={16} color="var(--report-failed)" role="img" aria-label="blocked" />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

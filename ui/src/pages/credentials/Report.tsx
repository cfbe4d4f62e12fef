import './report.css';

import { Group, Stack, Text, Title, VisuallyHidden } from '@mantine/core';

import type { Validation } from '../../api/client';
import { Copy } from '../../parts/Copy';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { attention, counts, groupsOf, isPrivilege } from './checks';
import { CheckRow } from './CheckRow';
import { Fold } from './Fold';
import { Privileges } from './Privileges';

/** What a validation has found, or has found so far: by region or vCenter, what needs attention first. */
export function Report({
  validation,
  isRunning = validation.status === 'running',
}: {
  validation: Validation;
  isRunning?: boolean;
}) {
  const { checks } = validation;
  const needsAttention = checks.some((it) => attention(it) > 0);
  return (
    <Stack component="section" gap="md" aria-label="Report of the checks" className="report">
      <Group justify="space-between" gap="xs">
        <Group gap="sm">
          <Title order={2} size="h4">
            Checks
          </Title>
          <Status value={isRunning ? 'running' : validation.status} />
          <Text size="sm" c="dimmed">
            {counts(checks) || 'none yet'}
          </Text>
        </Group>
        <Group gap="xs">
          <Text size="sm" c="dimmed" component="div">
            {isRunning ? 'started ' : 'ended '}
            <When at={isRunning ? validation.startedAt : (validation.endedAt ?? validation.startedAt)} />
            {!isRunning && validation.endedAt && `, took ${took(validation.startedAt, validation.endedAt)}`}
          </Text>
          <Copy value={asText(validation)} what="the report" />
        </Group>
      </Group>
      <VisuallyHidden role="status">
        {isRunning ? 'The checks are running.' : `The checks have ended: ${validation.status}.`}
      </VisuallyHidden>
      {groupsOf(checks).map(({ name, rows }) => {
        const plain = rows.filter((it) => !isPrivilege(it));
        const privileges = rows.filter(isPrivilege);
        const open = plain.filter((it) => attention(it) > 0).toSorted((a, b) => attention(b) - attention(a));
        const calm = plain.filter((it) => attention(it) === 0);
        return (
          <section key={name} aria-label={name} className="report-group">
            <Group gap="xs" className="report-head">
              <Title order={3} size="h6" style={{ overflowWrap: 'anywhere' }}>
                {name === 'connection' ? 'Connection' : name}
              </Title>
              <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                {counts(rows)}
              </Text>
            </Group>
            {open.length > 0 && (
              <ul className="report-rows">
                {open.map((check) => (
                  <CheckRow key={`${check.id} ${check.target}`} check={check} />
                ))}
              </ul>
            )}
            {calm.length > 0 && (
              <Fold
                label={open.length > 0 ? `${counts(calm)} besides` : 'Each check'}
                isOpenAtFirst={isRunning || !needsAttention}
              >
                <ul className="report-rows">
                  {calm.map((check) => (
                    <CheckRow key={`${check.id} ${check.target}`} check={check} />
                  ))}
                </ul>
              </Fold>
            )}
            {privileges.length > 0 && <Privileges checks={privileges} />}
          </section>
        );
      })}
    </Stack>
  );
}

function took(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** For a ticket or a mail to whoever runs the cloud. */
function asText(validation: Validation): string {
  const lines = validation.checks.map((it) =>
    [it.status, it.id, it.target, it.detail, ...(it.remedy ? [`next: ${it.remedy}`] : [])].join('\t'),
  );
  return [
    `validation ${validation.id}: ${validation.status}, started ${validation.startedAt}`,
    ...lines,
  ].join('\n');
}

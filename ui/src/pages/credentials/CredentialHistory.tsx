import { Anchor, Card, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import type { Schemas, Validation } from '../../api/client';
import { historyQuery } from '../../api/cloud-credentials';
import { scopeSegment, useScope } from '../../api/scope';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { counts } from './checks';

/** All reports, newest first, each with what differs from the one before. */
export function CredentialHistory({ id }: { id: string }) {
  const scope = useScope();
  const { data: reports, error, isPending, refetch } = useQuery(historyQuery(scope, id));
  if (isPending) return <Loader aria-label="Loading the reports" />;
  if (error) return <ErrorNotice error={error} retry={() => void refetch()} />;
  if (reports.length === 0)
    return <Empty title="There are no reports yet">Press “Check now” above to make the first.</Empty>;
  return (
    <Stack gap="sm">
      {reports.map((report) => (
        <Card key={report.id} withBorder component="section" aria-label={`Report ${report.id}`} padding="sm">
          <Group gap="sm">
            <Title order={2} size="h6">
              <When at={report.startedAt} />
            </Title>
            <Status value={report.status} />
            <Text size="sm" c="dimmed">
              {counts(report.checks)}
            </Text>
            <Anchor
              component={Link}
              to="/$scope/credentials/$credentialId"
              params={{ scope: scopeSegment(scope), credentialId: id } as never}
              search={{ tab: 'report', validation: report.id } as never}
              size="sm"
            >
              View this report
            </Anchor>
          </Group>
          <Differences report={report} />
        </Card>
      ))}
    </Stack>
  );
}

function Differences({ report }: { report: Validation }) {
  if (!report.changes)
    return (
      <Text size="sm" c="dimmed" mt={6}>
        Nothing to compare it with.
      </Text>
    );
  if (report.changes.length === 0)
    return (
      <Text size="sm" c="dimmed" mt={6}>
        As the report before.
      </Text>
    );
  return (
    <div
      className="table-box"
      tabIndex={0}
      role="region"
      aria-label={`Differences of report ${report.id} from the one before`}
      style={{ marginTop: 8, maxHeight: '20rem' }}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">Before and now</th>
            <th scope="col">Check</th>
            <th scope="col">Of</th>
          </tr>
        </thead>
        <tbody>
          {report.changes.map((it) => (
            <Change key={`${it.id} ${it.target}`} change={it} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Change({ change }: { change: Schemas['CheckChange'] }) {
  return (
    <tr>
      <td>
        <Group gap={6} wrap="nowrap">
          <span>{change.before ? <Status value={change.before} /> : 'not checked'}</span>
          <IconArrowRight size={14} role="img" aria-label="then" />
          <span>{change.after ? <Status value={change.after} /> : 'not checked'}</span>
        </Group>
      </td>
      <td className="mono" title={change.id}>
        {change.id}
      </td>
      <td title={change.target}>{change.target}</td>
    </tr>
  );
}

import './audit.css';

import { Anchor, Drawer, Group, Loader, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { type AuditEntry, auditEntryQuery } from '../../api/audit';
import { useScope } from '../../api/scope';
import { useSession } from '../../api/session';
import { Copy } from '../../parts/Copy';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { NO_FILTER, useAuditSearch, useShow } from './address';
import { Difference } from './Difference';

/** One row, beside the list. Its link holds for ever, whatever page of the log the row has moved to. */
export function EntryDrawer({ rows }: { rows: AuditEntry[] }) {
  const scope = useScope();
  const { row } = useAuditSearch();
  const show = useShow();
  const seq = Number(row);
  const isOpen = Number.isSafeInteger(seq) && seq > 0;
  const shown = rows.find((it) => it.seq === seq);
  const query = useQuery({ ...auditEntryQuery(scope, seq), enabled: isOpen && !shown });
  const entry = shown ?? query.data;
  return (
    <Drawer
      opened={isOpen}
      onClose={() => show({ row: undefined })}
      position="right"
      size={640}
      title={`Row ${seq}`}
      closeButtonProps={{ 'aria-label': 'Close the details' }}
      styles={{ title: { fontWeight: 600 } }}
      // A page has one banner, and this is none.
      attributes={{ header: { role: 'presentation' } }}
    >
      <Stack gap="lg">
        <ErrorNotice error={shown ? null : query.error} retry={() => void query.refetch()} />
        {!entry && query.isFetching && <Loader role="status" aria-label="Loading the row" />}
        {entry && (
          <>
            <Facts entry={entry} />
            <Stack component="section" gap="xs" aria-label="What changed">
              <Title order={3} size="h5">
                What changed
              </Title>
              <Difference entry={entry} />
            </Stack>
          </>
        )}
      </Stack>
    </Drawer>
  );
}

const MEANS: Record<string, string> = {
  user: 'in the console',
  'api-key': 'with an API key',
  token: 'with a token',
  system: 'the system itself',
};

function Facts({ entry }: { entry: AuditEntry }) {
  const session = useSession();
  const environment =
    session.environments.find((it) => it.id === entry.environmentId)?.name ?? entry.environmentId;
  return (
    <dl className="facts">
      <dt>When</dt>
      <dd>
        <When at={entry.at} />
      </dd>
      <dt>Who</dt>
      <dd>
        {entry.actorName}, {MEANS[entry.actorKind] ?? entry.actorKind}{' '}
        <Only label="Only by this one" search={{ actor: entry.actorName }} />
      </dd>
      <dt>From</dt>
      <dd>{entry.remoteAddress || '–'}</dd>
      <dt>Action</dt>
      <dd>
        <span className="mono">{entry.action}</span>{' '}
        <Only label="Only this action" search={{ action: entry.action }} />
      </dd>
      <dt>Object</dt>
      <dd>
        {entry.objectName} ({entry.objectType} <span className="mono">{entry.objectId}</span>){' '}
        <Only label="Only this object" search={{ type: entry.objectType, object: entry.objectId }} />
      </dd>
      <dt>Environment</dt>
      <dd>{environment ?? '–'}</dd>
      <dt>Request ID</dt>
      <dd>
        <Group gap={6} wrap="nowrap">
          <span className="mono">{entry.requestId || '–'}</span>
          {entry.requestId && <Copy value={entry.requestId} what="the request ID" />}
        </Group>
      </dd>
    </dl>
  );
}

/** The log with one filter, and nothing else. */
function Only({ label, search }: { label: string; search: object }) {
  return (
    <Anchor
      component={Link}
      to="."
      search={{ ...NO_FILTER, ...search } as never}
      size="sm"
      underline="always"
      style={{ whiteSpace: 'nowrap' }}
    >
      {label}
    </Anchor>
  );
}

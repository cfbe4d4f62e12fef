import '../servers/servers.css';

import { Button, Group, Loader, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { LINES, logLinesQuery } from '../../api/cloud-logs';
import type { Place } from '../../api/inventory';
import { Copy } from '../../parts/Copy';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { useListState } from '../inventory/address';
import { count } from '../inventory/units';
import { AskAgain } from './AskAgain';

type Props = { place: Place; log: string; host: string | undefined; of: string };

/** Lines of one log, its last ones first. */
export function LogLines({ place, log, host, of }: Props) {
  const [{ line }, change] = useListState();
  const said = useQuery({
    ...logLinesQuery(place, log, host, line),
    placeholderData: (before) => before,
  });
  const { firstLine = 1, nextLine = 1, lines = [], atEnd = true } = said.data ?? {};
  const show = (next: number | undefined) => change({ line: next === undefined ? undefined : String(next) });
  const text = lines.join('\n');
  return (
    <>
      <Group gap="sm">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowLeft size={14} aria-hidden />}
          onClick={() => change({ log: undefined, line: undefined })}
        >
          All logs of {of}
        </Button>
        <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
          {log}
        </Title>
      </Group>
      <Text size="sm" c="dimmed">
        Logs tell of all who use the vCenter. Each reading is in the audit log.
      </Text>
      <Group gap="xs">
        <Group gap="xs" component="nav" aria-label="Lines of the log">
          <Button size="xs" variant="default" disabled={firstLine <= 1} onClick={() => show(1)}>
            First
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={firstLine <= 1}
            onClick={() => show(Math.max(1, firstLine - LINES))}
          >
            Earlier
          </Button>
          <Button size="xs" variant="default" disabled={atEnd} onClick={() => show(nextLine)}>
            Later
          </Button>
          <Button size="xs" variant="default" disabled={line === undefined} onClick={() => show(undefined)}>
            Last
          </Button>
        </Group>
        <Text size="sm" role="status">
          {said.data &&
            (lines.length > 0
              ? `Lines ${count(firstLine)} to ${count(firstLine + lines.length - 1)}${atEnd ? ', the end' : ''}`
              : 'No lines')}
        </Text>
        <AskAgain askedAt={said.dataUpdatedAt} isAsking={said.isFetching} ask={() => void said.refetch()} />
      </Group>
      <ErrorNotice error={said.error} retry={() => void said.refetch()} title="The log cannot be read" />
      {said.isPending && <Loader role="status" aria-label="Reading the log" />}
      {said.data && (
        <div className="console">
          <div className="console-copy">
            <Copy value={text} what="these lines" />
          </div>
          <pre tabIndex={0} role="region" aria-label={`Lines of ${log}`} aria-busy={said.isPlaceholderData}>
            {text || 'Nothing is written there.'}
          </pre>
        </div>
      )}
    </>
  );
}

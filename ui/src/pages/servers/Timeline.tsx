import './servers.css';

import { Badge, Button, Loader, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';

import { sentence } from '../../api/client';
import { environmentId, useScope } from '../../api/scope';
import { type EventLogEntry, type EventsOf, eventsQuery, type Server } from '../../api/servers';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { ServerLink } from './ServerLink';

const EVIDENCE: Record<string, string> = {
  requestId: 'Request',
  order: 'Order',
  cloudServerId: 'ID in the cloud',
  cloud: 'The cloud said',
  operation: 'Operation',
  result: 'Made in the cloud',
};
/** So near to the end one wants to see what comes next. */
const NEAR_PX = 40;

type Props = { of: EventsOf; servers: Server[]; isNamed?: boolean };

/** What came to pass, the newest last, with what to look for in the cloud's own logs. */
export function Timeline({ of, servers, isNamed = false }: Props) {
  const [pages, setPages] = useState(1);
  const { data, error, isPending, isFetching, refetch } = useQuery({
    ...eventsQuery(environmentId(useScope()), of, pages),
    placeholderData: (before) => before,
  });
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const newest = data?.entries.at(-1)?.id;
  useLayoutEffect(() => {
    if (isAtEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [newest]);
  return (
    <Stack gap="xs" component="section" aria-label="What came to pass">
      <Title order={2} size="h4">
        What came to pass
      </Title>
      <ErrorNotice error={error} retry={() => void refetch()} title="What came to pass cannot be read" />
      {isPending && <Loader role="status" aria-label="Loading what came to pass" />}
      {data && (
        <div
          ref={box}
          className="timeline"
          role="log"
          aria-label="Events, the newest last"
          tabIndex={0}
          onScroll={({ currentTarget: it }) => {
            isAtEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < NEAR_PX;
          }}
        >
          {data.entries.length === 0 && (
            <Empty title="Nothing yet">Each step of a server is told here, as it is done.</Empty>
          )}
          {data.total > data.entries.length && (
            <Button variant="subtle" size="xs" loading={isFetching} onClick={() => setPages(pages + 1)} m={4}>
              Show older ones
            </Button>
          )}
          <ol>
            {data.entries.map((entry) => (
              <Entry
                key={entry.id}
                entry={entry}
                isNamed={isNamed}
                server={servers.find((it) => it.id === entry.server.id)}
              />
            ))}
          </ol>
        </div>
      )}
    </Stack>
  );
}

type EntryProps = { entry: EventLogEntry; server: Server | undefined; isNamed: boolean };

function Entry({ entry, server, isNamed }: EntryProps) {
  const isFailure = entry.event.id === 'ServerFailed';
  // The steps are those of what fails now; what failed before is over.
  const steps = isFailure && server?.failure?.summary === entry.message ? server.failure.nextSteps : [];
  return (
    <li data-failed={isFailure || undefined}>
      <When at={entry.at} />
      <span>
        <Badge
          variant="light"
          color={isFailure ? 'red' : 'gray'}
          radius="sm"
          tt="none"
          styles={{ label: { color: 'var(--mantine-color-text)' } }}
        >
          {entry.event.id}
        </Badge>
      </span>
      <div className="timeline-what">
        {isNamed && (
          <>
            {server ? (
              <ServerLink server={server} isInText />
            ) : (
              <span title={entry.server.id}>a server that is gone</span>
            )}
            {': '}
          </>
        )}
        {isNamed ? sentence(entry.message).replace(/^./, (it) => it.toLowerCase()) : sentence(entry.message)}
        {steps.map((step) => (
          <Text key={step} size="sm" component="div">
            <b>Next: </b>
            {sentence(step)}
          </Text>
        ))}
        <ul className="evidence">
          {Object.entries(entry.evidence).map(([name, value]) => (
            <li key={name}>
              <span>
                {EVIDENCE[name] ?? name} <span className="mono">{value}</span>
              </span>
              <Copy value={value} what={(EVIDENCE[name] ?? name).toLowerCase()} />
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}

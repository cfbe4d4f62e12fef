import '../servers/servers.css';

import { Badge, Button, Group, Loader, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';

import { type CloudEvent, cloudEventsQuery } from '../../api/cloud-events';
import type { Place } from '../../api/inventory';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { useListState } from '../inventory/address';
import { AskAgain } from './AskAgain';
import { EventFilters, NO_EVENT_FILTER } from './EventFilters';

type Props = { place: Place; locationName: string };

/** What the vCenter says came to pass in a datacenter, whoever did it. */
export function Events({ place, locationName }: Props) {
  const [{ machine, since, until }, change] = useListState();
  const list = useInfiniteQuery(cloudEventsQuery(place, { machine, since, until }));
  const events = list.data?.pages.flatMap((it) => it.events) ?? [];
  const isFiltered = Boolean(machine || since || until);
  return (
    <>
      <EventFilters key={JSON.stringify([since, until])} place={place} />
      <AskAgain askedAt={list.dataUpdatedAt} isAsking={list.isRefetching} ask={() => void list.refetch()} />
      <ErrorNotice error={list.error} retry={() => void list.refetch()} title="The events cannot be listed" />
      {list.isPending && <Loader role="status" aria-label="Loading events" />}
      {list.data && events.length === 0 && (
        <div className="table-box">
          <Empty
            title={isFiltered ? 'No event fits' : `Nothing came to pass in ${locationName}`}
            action={
              isFiltered && (
                <Button variant="default" onClick={() => change(NO_EVENT_FILTER)}>
                  Show all events
                </Button>
              )
            }
          >
            {!isFiltered && 'As far as the vCenter still knows, and shows to the user of the credentials.'}
          </Empty>
        </div>
      )}
      {events.length > 0 && (
        <ol className="operations" aria-label={`Events of ${locationName}, the newest first`}>
          {events.map((it) => (
            <Event key={it.id} event={it} />
          ))}
        </ol>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show older ones
        </Button>
      )}
    </>
  );
}

const COLOR: Record<string, string> = { warning: 'orange', error: 'red', user: 'steel' };

function Event({ event: { at, event, message, objects, severity, user } }: { event: CloudEvent }) {
  return (
    <li data-failed={severity === 'error' || undefined}>
      <Group gap="xs">
        <Badge
          variant="light"
          color={COLOR[severity ?? ''] ?? 'gray'}
          radius="sm"
          tt="none"
          maw="100%"
          styles={{ label: { color: 'var(--mantine-color-text)' } }}
        >
          {event}
        </Badge>
        {severity && severity !== 'info' && <Text size="sm">{severity}</Text>}
        <Text size="sm" c="dimmed">
          <When at={at} />
          {user ? `, ${user}` : ', by itself'}
        </Text>
      </Group>
      <Text size="sm">{message}</Text>
      {objects.length > 0 && (
        <Text size="xs" c="dimmed">
          {objects.map((it) => `${it.type} ${it.name}`).join(', ')}
        </Text>
      )}
    </li>
  );
}

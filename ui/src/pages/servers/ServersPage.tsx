import '../inventory/inventory.css';

import { Box, Button, Group, Loader, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';

import { everyPage } from '../../api/inventory';
import { scopeSegment, useScope } from '../../api/scope';
import { type Server, serversOf } from '../../api/servers';
import { DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice, notifyError } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { OnlyInEnvironments } from '../inventory/OnlyInEnvironments';
import { nOf } from '../inventory/units';
import { useRows } from '../inventory/useRows';
import { filterOf, NO_FILTER, useServersSearch } from './address';
import { BulkActions } from './BulkActions';
import { columns } from './columns';
import { Filters, isFiltered } from './Filters';
import { serverName } from './names';

/** The machines of all farms of an environment. */
export function ServersPage() {
  const scope = useScope();
  return scope.kind === 'environment' ? (
    <Servers key={scope.id} envId={scope.id} />
  ) : (
    <OnlyInEnvironments title="Servers" to="/$scope/servers">
      Servers are the machines of the farms of an environment.
    </OnlyInEnvironments>
  );
}

/** The chosen servers by id, each with its name. */
export type Selected = ReadonlyMap<string, string>;

function Servers({ envId }: { envId: number }) {
  const [search, change] = useServersSearch();
  const { status, farm, cloud, failed, sort } = search;
  const listing = useMemo(
    () => serversOf(envId, filterOf({ status, farm, cloud, failed, sort })),
    [envId, status, farm, cloud, failed, sort],
  );
  const firstPage = useRef(search.page ?? 1);
  const rows = useRows(listing, firstPage.current, (page) => {
    const next = page > 1 ? page : undefined;
    if (next !== search.page && !rows.isOutdated) change({ page: next });
  });
  const [selected, setSelected] = useState<Selected>(new Map());
  const shown = useMemo(
    () =>
      columns(envId, {
        has: (id) => selected.has(id),
        toggle: (server) =>
          setSelected((before) => {
            const next = new Map(before);
            if (!next.delete(server.id)) next.set(server.id, serverName(server));
            return next;
          }),
      }),
    [envId, selected],
  );
  return (
    <Page
      title="Servers"
      hint="The machines of farms. Each keeps its id and its index whatever happens to the machine."
    >
      <Filters envId={envId} search={search} change={change} />
      <Group justify="space-between" gap="xs" mih={30}>
        <Text size="sm" fw={600} role="status">
          {rows.total === undefined ? '' : nOf(rows.total, 'server')}
        </Text>
        {Boolean(rows.total) && <SelectAll listing={listing} onSelect={setSelected} />}
      </Group>
      <BulkActions envId={envId} selected={selected} onSelect={setSelected} />
      <ErrorNotice error={rows.error} retry={rows.retry} title="The servers cannot be listed" />
      {rows.total === undefined && !rows.error && <Loader role="status" aria-label="Loading servers" />}
      {rows.total !== undefined && !(rows.isOutdated && rows.error) && (
        <Box className={rows.isOutdated ? 'outdated' : undefined} aria-busy={rows.isOutdated}>
          <DataTable
            label="Servers"
            columns={shown}
            rowCount={rows.total}
            rowAt={rows.rowAt}
            rowKey={(row) => row.id}
            onView={rows.onView}
            sort={sort ?? 'farm'}
            onSort={(next) => change({ sort: next === 'farm' ? undefined : next, page: undefined })}
            empty={
              isFiltered(search) ? (
                <Empty
                  title="No server matches the filter"
                  action={
                    <Button variant="default" onClick={() => change(NO_FILTER)}>
                      Clear filters
                    </Button>
                  }
                />
              ) : (
                <NoServers envId={envId} />
              )
            }
          />
        </Box>
      )}
    </Page>
  );
}

function NoServers({ envId }: { envId: number }) {
  return (
    <Empty
      title="No servers yet"
      action={
        <Button
          component={Link}
          to="/$scope/farms"
          params={{ scope: scopeSegment({ kind: 'environment', id: envId }) } as never}
        >
          Open farms
        </Button>
      }
    >
      Servers are launched by farms: make one, add farm roles, and launch it.
    </Empty>
  );
}

type SelectAllProps = { listing: ReturnType<typeof serversOf>; onSelect: (selected: Selected) => void };

/** All that match the filter, also those that were not scrolled to yet. */
function SelectAll({ listing, onSelect }: SelectAllProps) {
  const [isReading, setReading] = useState(false);
  const select = async () => {
    setReading(true);
    try {
      const found: Server[] = [];
      for await (const page of everyPage(listing, new AbortController().signal)) found.push(...page.rows);
      const live = found.filter((it) => it.status !== 'terminated');
      onSelect(new Map(live.map((it) => [it.id, serverName(it)])));
    } catch (error) {
      notifyError('The servers cannot be selected', error);
    } finally {
      setReading(false);
    }
  };
  return (
    <Button size="xs" variant="default" loading={isReading} onClick={() => void select()}>
      Select all
    </Button>
  );
}

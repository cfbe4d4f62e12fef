import { Anchor, Button, Group, Loader, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';

import { cloudName } from '../../api/clouds-names';
import { credentialsQuery } from '../../api/cloud-credentials';
import { type Environment, environmentsQuery, type EnvironmentSort } from '../../api/environments';
import { accountId, scopeSegment, useScope } from '../../api/scope';
import { CreateEnvironment } from '../../forms/environment-create';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

const SORTS: readonly string[] = ['id', 'name', '-id', '-name'] satisfies EnvironmentSort[];

/** The environments of an account. */
export function EnvironmentsPage() {
  const scope = useScope();
  const account = accountId(scope);
  const { q = '', sort: wanted } = useSearch({ from: '/in/$scope/environments' });
  const navigate = useNavigate();
  const sort = (wanted && SORTS.includes(wanted) ? wanted : 'name') as EnvironmentSort;
  const list = useQuery(environmentsQuery(account, sort));
  const credentials = useQuery(credentialsQuery(scope));
  const search = (next: { q?: string; sort?: string }) =>
    void navigate({
      to: '/$scope/environments',
      params: { scope: scopeSegment(scope) },
      search: { q: q || undefined, sort: wanted, ...next },
      replace: true,
    });

  const columns = useMemo<Column<Environment>[]>(() => {
    const clouds = (id: number | null | undefined) =>
      (credentials.data ?? [])
        .filter((it) => it.usedBy.some((used) => used.id === id))
        .map((it) => cloudName(it.provider))
        .join(', ');
    return [
      {
        id: 'name',
        label: 'Name',
        sort: 'name',
        text: (row) => row.name ?? '',
        cell: (row) => (
          <Anchor
            component={Link}
            to="/$scope/environments/$envId"
            params={{ scope: scopeSegment(scope), envId: String(row.id) } as never}
            size="sm"
          >
            {row.name}
          </Anchor>
        ),
      },
      { id: 'id', label: 'ID', sort: 'id', isNumber: true, cell: (row) => row.id },
      { id: 'status', label: 'Status', cell: (row) => <Status value={row.status} /> },
      {
        id: 'clouds',
        label: 'Clouds',
        text: (row) => clouds(row.id),
        cell: (row) => (credentials.data ? clouds(row.id) || '–' : '…'),
      },
      { id: 'added', label: 'Added', cell: (row) => <When at={row.added} /> },
    ];
  }, [scope, credentials.data]);

  const rows = (list.data ?? []).filter((it) => it.name?.toLowerCase().includes(q.trim().toLowerCase()));
  const isNew = list.data?.length === 0;
  return (
    <Page
      title="Environments"
      hint="Where teams work. An environment has at most one set of cloud credentials for each cloud."
      actions={<CreateEnvironment leftSection={<IconPlus size={16} aria-hidden />} />}
    >
      <ErrorNotice error={list.error} retry={() => void list.refetch()} />
      <ErrorNotice
        error={credentials.error}
        retry={() => void credentials.refetch()}
        title="Which clouds the environments have cannot be shown"
      />
      {!isNew && !list.error && (
        <Group>
          <TextInput
            aria-label="Filter environments by name"
            placeholder="Filter by name"
            leftSection={<IconSearch size={16} aria-hidden />}
            value={q}
            onChange={(event) => search({ q: event.currentTarget.value || undefined })}
            maw={320}
            style={{ flex: 1 }}
          />
        </Group>
      )}
      {list.isPending ? (
        <Loader aria-label="Loading environments" />
      ) : list.data ? (
        <DataTable
          label="Environments"
          columns={columns}
          rowCount={rows.length}
          rowAt={(index) => rows[index]}
          rowKey={(row) => String(row.id)}
          sort={sort}
          onSort={(next) => search({ sort: next })}
          empty={
            isNew ? (
              <Empty title="No environments yet" action={<CreateEnvironment />}>
                Make one for each group of people or stage of work, then link clouds to it.
              </Empty>
            ) : (
              <Empty
                title={`No environment is named like “${q}”`}
                action={
                  <Button variant="default" onClick={() => search({ q: undefined })}>
                    Clear the filter
                  </Button>
                }
              />
            )
          }
        />
      ) : null}
    </Page>
  );
}

import { Button, Group, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import { PROVIDERS } from '../../api/clouds-names';
import { credentialsQuery, type CredentialSort } from '../../api/cloud-credentials';
import { type Scope, scopeSegment, useScope } from '../../api/scope';
import { DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { columnsOf } from './columns';

const ROUTE = '/in/$scope/credentials';
const STATUSES = ['enabled', 'disabled', 'suspended'];

/** All cloud credentials that are available in a scope. */
export function CredentialsPage() {
  const scope = useScope();
  const navigate = useNavigate();
  const search = useSearch({ from: ROUTE });
  const { q = '', cloud, status, sort = 'name' } = search;
  const filter = { provider: cloud, status, sort: sort as CredentialSort };
  const { data, error, refetch } = useQuery(credentialsQuery(scope, filter));
  const set = (change: Partial<typeof search>) =>
    void navigate({
      to: '/$scope/credentials',
      params: { scope: scopeSegment(scope) },
      search: (before) => ({ ...before, ...change }),
      replace: true,
    });
  const wanted = q.trim().toLowerCase();
  const rows = data?.filter((it) =>
    [it.name, it.description, it.id, ...it.usedBy.map((by) => by.name)].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
  const isFiltered = Boolean(wanted || cloud || status);
  const isEmpty = rows?.length === 0 && !isFiltered;
  return (
    <Page
      title="Cloud credentials"
      hint={
        scope.kind === 'global'
          ? 'Endpoint and login of clouds that every account may use.'
          : 'Endpoint and login of the clouds that this account may use.'
      }
      actions={!isEmpty && <AddButtons scope={scope} />}
    >
      <Group gap="sm" align="flex-end" display={isEmpty ? 'none' : undefined}>
        <TextInput
          aria-label="Filter cloud credentials"
          placeholder="Filter by name, id or environment"
          leftSection={<IconSearch size={16} aria-hidden />}
          style={{ flex: '1 1 14rem' }}
          maw={420}
          value={q}
          onChange={(event) => set({ q: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          aria-label="Cloud"
          data={[{ value: '', label: 'All clouds' }, ...PROVIDERS]}
          value={cloud ?? ''}
          onChange={(event) => set({ cloud: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          aria-label="Status"
          data={[{ value: '', label: 'Any status' }, ...STATUSES]}
          value={status ?? ''}
          onChange={(event) => set({ status: event.currentTarget.value || undefined })}
        />
      </Group>
      <ErrorNotice error={error} retry={() => void refetch()} title="The cloud credentials cannot be shown" />
      {!rows && !error && <Skeleton h={180} aria-label="Loading the cloud credentials" role="status" />}
      {rows && (
        <DataTable
          label="Cloud credentials"
          columns={columnsOf(scope)}
          rowCount={rows.length}
          rowAt={(index) => rows[index]}
          rowKey={(row) => row.id}
          sort={sort}
          onSort={(next) => set({ sort: next === 'name' ? undefined : next })}
          empty={
            isFiltered ? (
              <Empty
                title="No cloud credentials match"
                action={
                  <Button
                    variant="default"
                    size="xs"
                    onClick={() => set({ q: undefined, cloud: undefined, status: undefined })}
                  >
                    Clear the filter
                  </Button>
                }
              />
            ) : (
              <Empty title="There are no cloud credentials yet" action={<AddButtons scope={scope} />}>
                Add the endpoint and the login of a cloud. They are checked, and can then be linked to
                environments.
              </Empty>
            )
          }
        />
      )}
    </Page>
  );
}

function AddButtons({ scope }: { scope: Scope }) {
  const add = (cloud: string, label: string) => (
    <Button
      component={Link}
      to="/$scope/credentials/new"
      params={{ scope: scopeSegment(scope) } as never}
      search={{ cloud } as never}
      leftSection={<IconPlus size={16} aria-hidden />}
    >
      {label}
    </Button>
  );
  return (
    <Group gap="xs" justify="center">
      {add('openstack', 'Add OpenStack')}
      {add('vmware', 'Add vSphere')}
    </Group>
  );
}

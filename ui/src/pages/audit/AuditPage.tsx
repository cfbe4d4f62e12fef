import { Button, Group, Loader, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { auditQuery, ROWS_OF_A_PAGE } from '../../api/audit';
import { useScope } from '../../api/scope';
import { useSession } from '../../api/session';
import { DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { filterOf, NO_FILTER, useAuditSearch, useShow } from './address';
import { columns } from './columns';
import { EntryDrawer } from './EntryDrawer';
import { Filters } from './Filters';
import { Verify } from './Verify';

/** Who changed what: of the account, or of the installation itself. */
export function AuditPage() {
  const scope = useScope();
  const session = useSession();
  const search = useAuditSearch();
  const show = useShow();
  const queries = useQueryClient();
  const filter = filterOf(search);
  const page = search.page ?? 1;
  const list = useQuery(auditQuery(scope, filter, page));
  const isFiltered = Object.keys(filter).length > 0;
  const rows = list.data?.rows ?? [];
  const total = list.data?.total ?? 0;
  const first = (page - 1) * ROWS_OF_A_PAGE + 1;
  return (
    <Page
      title="Audit log"
      hint={
        scope.kind === 'global'
          ? 'Every change of the installation itself, newest first. Each account has a log of its own.'
          : 'Every change in this account, newest first.'
      }
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={list.isFetching && !list.isPending}
          onClick={() => void queries.invalidateQueries({ queryKey: ['audit'] })}
        >
          Refresh
        </Button>
      }
    >
      <Verify key={`verify ${JSON.stringify(scope)}`} />
      <Filters key={`filters ${JSON.stringify([scope, filter])}`} />
      <ErrorNotice error={list.error} retry={() => void list.refetch()} />
      {list.isPending && <Loader role="status" aria-label="Loading the audit log" />}
      {list.data && !list.error && (
        <>
          <DataTable
            label="Audit log"
            columns={columns(session.environments)}
            rowCount={rows.length}
            rowAt={(index) => rows[index]}
            rowKey={(row) => String(row.seq)}
            empty={
              isFiltered || page > 1 ? (
                <Empty
                  title="No change fits"
                  action={
                    <Button variant="default" onClick={() => show(NO_FILTER)}>
                      Show all changes
                    </Button>
                  }
                >
                  Each field is compared exactly, with its whole text.
                </Empty>
              ) : (
                <Empty title="No changes yet">Whatever is changed from now on is told here.</Empty>
              )
            }
          />
          {rows.length > 0 && (
            <Group justify="space-between">
              <Text size="sm" c="dimmed" role="status">
                Rows {first.toLocaleString('en')} to {(first + rows.length - 1).toLocaleString('en')} of{' '}
                {total.toLocaleString('en')}
              </Text>
              <Group gap="xs" component="nav" aria-label="Pages of the log">
                <Button
                  variant="default"
                  size="xs"
                  disabled={page === 1}
                  onClick={() => show({ page: page > 2 ? page - 1 : undefined })}
                >
                  Newer
                </Button>
                <Button
                  variant="default"
                  size="xs"
                  disabled={page * ROWS_OF_A_PAGE >= total}
                  onClick={() => show({ page: page + 1 })}
                >
                  Older
                </Button>
              </Group>
            </Group>
          )}
        </>
      )}
      <EntryDrawer rows={rows} />
    </Page>
  );
}

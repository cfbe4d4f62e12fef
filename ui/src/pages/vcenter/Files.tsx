import { Anchor, Breadcrumbs, Group, Loader, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';

import { type DatastoreFile, deleteFile, filesOf } from '../../api/datastore-files';
import { allQuery, type Place, resourcesOf } from '../../api/inventory';
import { Confirm } from '../../parts/Confirm';
import { type Column, DataTable } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { type ListState, useListState } from '../inventory/address';
import { bytes } from '../inventory/units';
import { useRows } from '../inventory/useRows';
import { AskAgain } from './AskAgain';

/** What lies on the datastores of a datacenter, one folder at a time. */
export function Files({ place }: { place: Place }) {
  const [{ datastore: asked, folder = '' }, change] = useListState();
  const datastores = useQuery(allQuery(resourcesOf(place, 'datastores', { sort: 'name' })));
  const names = (datastores.data?.rows ?? []).map((it) => ({ value: it.id, label: it.name }));
  if (asked && !names.some((it) => it.value === asked)) names.push({ value: asked, label: asked });
  // Where there is no choice, nobody has to make it.
  const datastore = asked ?? (names.length === 1 ? names[0]?.value : undefined);
  const name = names.find((it) => it.value === datastore)?.label ?? '';
  return (
    <>
      <Select
        label="Datastore"
        placeholder={datastores.isPending ? 'Loading' : 'Choose one'}
        w={{ base: '100%', xs: 320 }}
        allowDeselect={false}
        searchable
        data={names}
        limit={200}
        nothingFoundMessage="None has this in its name"
        value={datastore ?? null}
        onChange={(next) => change({ datastore: next ?? undefined, folder: undefined })}
        error={datastores.error?.message}
      />
      {datastore ? (
        <Folder key={`${datastore} ${folder}`} {...{ place, datastore, name, folder }} />
      ) : (
        <div className="table-box">
          <Empty title={datastores.data?.total === 0 ? 'No datastores are seen' : 'Choose a datastore'}>
            Its folders and files are then listed here.
          </Empty>
        </div>
      )}
    </>
  );
}

type FolderProps = { place: Place; datastore: string; name: string; folder: string };

function Folder({ place, datastore, name, folder }: FolderProps) {
  const queries = useQueryClient();
  const listing = useMemo(() => filesOf(place, datastore, folder), [place, datastore, folder]);
  const rows = useRows(listing, 1, () => {});
  const readAgain = () => queries.invalidateQueries({ queryKey: ['datastore-files'] });
  const columns = useMemo<Column<DatastoreFile>[]>(
    () => [
      {
        id: 'name',
        label: 'Name',
        text: (row) => nameIn(folder, row),
        cell: (row) =>
          row.kind === 'folder' ? (
            <FolderLink datastore={datastore} folder={row.id}>
              {nameIn(folder, row)}/
            </FolderLink>
          ) : (
            nameIn(folder, row)
          ),
      },
      { id: 'kind', label: 'Kind', cell: (row) => row.kind },
      {
        id: 'size',
        label: 'Size',
        isNumber: true,
        cell: (row) => (typeof row.sizeBytes === 'number' ? bytes(row.sizeBytes) : '–'),
      },
      { id: 'modified', label: 'Changed', cell: (row) => <When at={row.modified} none="–" /> },
      {
        id: 'actions',
        label: 'Actions',
        cell: (row) =>
          row.kind === 'folder' ? (
            '–'
          ) : (
            <Confirm
              label="Delete"
              aria-label={`Delete ${nameIn(folder, row)}`}
              question={`Delete ${row.id}?`}
              act={() => deleteFile(place, datastore, row.id)}
              done={() => {
                notifications.show({ message: `${row.id} is deleted.` });
                void queries.invalidateQueries({ queryKey: ['datastore-files'] });
              }}
            >
              It is gone for good; of a disk, all its parts. What a machine uses is not deleted.
            </Confirm>
          ),
      },
    ],
    [place, datastore, folder, queries],
  );
  return (
    <>
      <Group gap="xs">
        <nav aria-label="Folders above">
          <Path datastore={datastore} name={name} folder={folder} />
        </nav>
        <AskAgain askedAt={rows.updatedAt} isAsking={rows.isFetching} ask={() => void readAgain()} />
      </Group>
      <ErrorNotice error={rows.error} retry={rows.retry} title="The folder cannot be listed" />
      {rows.total === undefined && !rows.error && <Loader role="status" aria-label="Loading files" />}
      {rows.total !== undefined && (
        <DataTable
          label={`Files in ${name} ${folder}`}
          columns={columns}
          rowCount={rows.total}
          rowAt={rows.rowAt}
          rowKey={(row) => row.id}
          onView={rows.onView}
          empty={<Empty title="The folder is empty" />}
        />
      )}
    </>
  );
}

/** The datastore and each folder on the way down. */
function Path({ datastore, name, folder }: Omit<FolderProps, 'place'>) {
  const parts = folder.split('/').filter(Boolean);
  return (
    <Breadcrumbs style={{ flexWrap: 'wrap', rowGap: 4 }}>
      {parts.length === 0 ? (
        <Text size="sm" fw={600}>
          {name}
        </Text>
      ) : (
        <FolderLink datastore={datastore} folder="">
          {name}
        </FolderLink>
      )}
      {parts.map((part, index) =>
        index === parts.length - 1 ? (
          <Text key={index} size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {part}
          </Text>
        ) : (
          <FolderLink key={index} datastore={datastore} folder={parts.slice(0, index + 1).join('/')}>
            {part}
          </FolderLink>
        ),
      )}
    </Breadcrumbs>
  );
}

type LinkProps = { datastore: string; folder: string; children: ReactNode };

function FolderLink({ datastore, folder, children }: LinkProps) {
  return (
    <Anchor
      component={Link}
      to="."
      search={((before: ListState) => ({ ...before, datastore, folder: folder || undefined })) as never}
      size="sm"
    >
      {children}
    </Anchor>
  );
}

function nameIn(folder: string, { id }: DatastoreFile): string {
  const path = id.replace(/\/$/, '');
  return folder && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

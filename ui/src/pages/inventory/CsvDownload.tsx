import { Box, Button, Group, Progress, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

import { everyPage, type Listing } from '../../api/inventory';
import { ErrorNotice } from '../../parts/ErrorNotice';
import type { InventoryColumn } from './columns';
import { fileName, line } from './csv';
import { count } from './units';

type Props<T> = {
  listing: Listing<T>;
  /** Those that are shown. */
  columns: InventoryColumn<T>[];
  locationName: string;
  isDisabled: boolean;
};

/** Writes all rows that match the filter to a file, with the columns that are shown. */
export function CsvDownload<T>({ listing, columns, locationName, isDisabled }: Props<T>) {
  const [progress, setProgress] = useState<{ read: number; total: number }>();
  const [error, setError] = useState<unknown>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const download = async () => {
    const controller = new AbortController();
    running.current = controller;
    setError(undefined);
    setProgress({ read: 0, total: 0 });
    const lines = [line(columns.map((it) => it.id))];
    try {
      for await (const page of everyPage(listing, controller.signal)) {
        for (const row of page.rows) lines.push(line(columns.map((it) => it.csv(row))));
        setProgress({ read: lines.length - 1, total: page.total });
      }
      const name = fileName(listing.noun, locationName);
      save(new Blob(lines, { type: 'text/csv;charset=utf-8' }), name);
      notifications.show({ message: `${name} has ${count(lines.length - 1)} rows.` });
    } catch (error) {
      if (!controller.signal.aborted) setError(error);
    } finally {
      setProgress(undefined);
    }
  };

  if (!progress)
    return (
      <>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => void download()}
          disabled={isDisabled}
        >
          Download CSV
        </Button>
        {error !== undefined && (
          <Box w="100%">
            <ErrorNotice error={error} title="The file could not be made" retry={() => void download()} />
          </Box>
        )}
      </>
    );
  const { read, total } = progress;
  return (
    <Group gap="xs" wrap="nowrap">
      <div style={{ width: 130 }}>
        <Progress value={total ? (100 * read) / total : 0} size="sm" aria-label="Rows read" />
        <Text size="xs" c="dimmed">
          {count(read)} of {total ? count(total) : '…'} rows
        </Text>
      </div>
      <Button size="xs" variant="default" onClick={() => running.current?.abort()}>
        Cancel download
      </Button>
    </Group>
  );
}

function save(blob: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

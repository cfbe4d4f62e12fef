import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { syncsQuery, useSync } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { notifyError } from '../../parts/ErrorNotice';

/** Reads a cloud now. What becomes of it is told by the stream of changes. */
export function SyncNow({ envId, platform }: { envId: number; platform: string }) {
  const sync = useSync(envId, platform);
  const { data: syncs } = useQuery(syncsQuery(envId, platform));
  const isRunning = syncs?.[0]?.status === 'running';
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconRefresh size={14} aria-hidden />}
      loading={sync.isPending || isRunning}
      aria-label={isRunning ? `Reading ${cloudName(platform)}` : `Sync ${cloudName(platform)} now`}
      onClick={() =>
        sync.mutate(undefined, {
          onError: (error) => notifyError(`${cloudName(platform)} cannot be read now`, error),
        })
      }
    >
      Sync now
    </Button>
  );
}

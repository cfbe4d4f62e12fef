import { Group, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { sentence } from '../../api/client';
import { type Sync, syncsQuery } from '../../api/clouds';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

/** When a cloud was last read completely, or that it is being read now. */
export function LastSync({ envId, platform }: { envId: number; platform: string }) {
  const { data: syncs, error, isPending } = useQuery(syncsQuery(envId, platform));
  if (isPending) return <Loader size="xs" aria-label="Loading" />;
  if (error) return <Text size="sm">{error.message}</Text>;
  const last = syncs[0];
  return last ? <SyncState sync={last} /> : <span>never</span>;
}

export function SyncState({ sync }: { sync: Sync }) {
  const changes = `${sync.nChanges} ${sync.nChanges === 1 ? 'change' : 'changes'}`;
  return (
    <Group gap={6} role="status" fz="sm">
      {sync.status === 'running' ? (
        <>
          <Loader size={14} aria-hidden />
          <span>
            reading, begun <When at={sync.startedAt} />
          </span>
        </>
      ) : (
        <>
          <Status value={sync.status} />
          <span>
            <When at={sync.endedAt ?? sync.startedAt} />, {changes}
          </span>
          {sync.error && <Text size="sm">{sentence(sync.error)}</Text>}
        </>
      )}
    </Group>
  );
}

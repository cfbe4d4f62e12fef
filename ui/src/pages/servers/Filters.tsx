import { Button, Group, Select } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { cloudsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { farmsQuery } from '../../api/farms';
import { NO_FILTER, type ServersSearch, STATUSES } from './address';

type Props = { envId: number; search: ServersSearch; change: (changes: ServersSearch) => void };
type Choice = { value: string; label: string };

export function isFiltered({ status, farm, cloud, failed }: ServersSearch): boolean {
  return Boolean(status || farm || cloud || failed);
}

/** What the server is asked for: all of it narrows the list on the server, none here. */
export function Filters({ envId, search, change }: Props) {
  const farms = useQuery(farmsQuery(envId));
  const clouds = useQuery(cloudsQuery(envId));
  const chosen = (name: 'status' | 'farm' | 'cloud' | 'failed', label: string, known: Choice[]) => {
    const value = search[name];
    return (
      <Select
        size="xs"
        w={{ base: 'calc(50% - 0.4rem)', xs: 180 }}
        aria-label={label}
        placeholder={`Any ${label.toLowerCase()}`}
        data={value && !known.some((it) => it.value === value) ? [{ value, label: value }, ...known] : known}
        value={value ?? null}
        onChange={(next) => change({ [name]: next ?? undefined, page: undefined })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': `Any ${label.toLowerCase()}` }}
      />
    );
  };
  return (
    <Group gap="xs" role="search" aria-label="Filter of servers" className="inventory-filters">
      {chosen(
        'status',
        'Status',
        STATUSES.map((value) => ({ value, label: value.replaceAll('_', ' ') })),
      )}
      {chosen(
        'farm',
        'Farm',
        (farms.data ?? []).map((it) => ({ value: String(it.id), label: it.name ?? String(it.id) })),
      )}
      {chosen(
        'cloud',
        'Cloud',
        (clouds.data ?? []).map((it) => ({ value: it.cloud, label: cloudName(it.cloud) })),
      )}
      {chosen('failed', 'Failure', [
        { value: 'yes', label: 'with a failure' },
        { value: 'no', label: 'without a failure' },
      ])}
      {isFiltered(search) && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconFilterOff size={14} aria-hidden />}
          onClick={() => change(NO_FILTER)}
        >
          Clear filters
        </Button>
      )}
    </Group>
  );
}

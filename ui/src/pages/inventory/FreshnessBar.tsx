import { Alert, Badge, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconClockExclamation, IconEyeOff, IconRefresh } from '@tabler/icons-react';

import { sentence } from '../../api/client';
import type { Freshness, Listing, useRefresh } from '../../api/inventory';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { count } from './units';
import './inventory.css';

type Refresh = ReturnType<typeof useRefresh>;
type BarProps = {
  /** Absent for what is no reading of a cloud. */
  freshness: Freshness | undefined;
  /** What is read anew. */
  listings: Pick<Listing<unknown>, 'read'>[];
  refresh: Refresh;
};

/** How old what is shown is, and the way to read it anew. */
export function FreshnessBar({ freshness, listings, refresh }: BarProps) {
  if (!freshness) return null;
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed">
        Observed <When at={freshness.observedAt} />
      </Text>
      {freshness.stale && (
        <Badge
          color="yellow.4"
          c="black"
          radius="sm"
          tt="none"
          leftSection={<IconClockExclamation size={13} aria-hidden />}
        >
          stale
        </Badge>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRefresh size={14} aria-hidden />}
        loading={refresh.isPending}
        onClick={() => refresh.mutate(listings)}
      >
        Refresh
      </Button>
    </Group>
  );
}

type NoticeProps = {
  freshness: Freshness | undefined;
  refresh: Refresh;
  /** What may have changed, or is hidden; in the plural. */
  things: string;
};

/** Why what is shown may be wrong, and what of it is missing. */
export function FreshnessNotices({ freshness, refresh, things }: NoticeProps) {
  return (
    <>
      <ErrorNotice error={refresh.error} title="The cloud could not be read now" />
      {freshness?.stale && (
        <Alert
          color="yellow"
          className="inventory-notice"
          icon={<IconAlertTriangle aria-hidden />}
          title={`These ${things} may have changed`}
        >
          <Text size="sm">
            {freshness.error
              ? `The last attempt to read the cloud failed. ${sentence(freshness.error)}`
              : 'They were not read for longer than the configured interval.'}{' '}
            What is shown was observed <When at={freshness.observedAt} />.
          </Text>
        </Alert>
      )}
      {freshness?.hidden && (
        <Alert
          color="yellow"
          className="inventory-notice"
          icon={<IconEyeOff aria-hidden />}
          title={`${count(freshness.hidden.count)} more ${things} exist that these credentials do not see`}
        >
          <Text size="sm">{sentence(freshness.hidden.evidence)}</Text>
        </Alert>
      )}
    </>
  );
}

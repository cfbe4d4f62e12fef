import { Button, Group, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';

import { When } from '../../parts/When';

type Props = { askedAt: number; isAsking: boolean; ask: () => void };

/** For what is not stored: when the vCenter told it, and the way to ask anew. */
export function AskAgain({ askedAt, isAsking, ask }: Props) {
  return (
    <Group gap="xs" style={{ marginInlineStart: 'auto' }}>
      <Text size="sm" c="dimmed">
        {askedAt > 0 && (
          <>
            Asked <When at={new Date(askedAt).toISOString()} />
          </>
        )}
      </Text>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRefresh size={14} aria-hidden />}
        loading={isAsking}
        onClick={ask}
      >
        Ask the vCenter now
      </Button>
    </Group>
  );
}

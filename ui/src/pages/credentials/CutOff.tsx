import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';

import type { Validation } from '../../api/client';

/** The server stopped while the checks ran: they are ended as failed, and none of them says why. */
export function wasCutOff({ status, checks }: Validation): boolean {
  return (
    status === 'failed' &&
    !checks.some((it) => it.status === 'failed' || (it.required && it.status === 'skipped'))
  );
}

export function CutOff({
  children,
  isBusy,
  again,
}: {
  children?: string;
  isBusy: boolean;
  again: () => void;
}) {
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconPlugConnectedX aria-hidden />}
      title="The checks were cut off"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          The server stopped while they ran, so the report below is not whole and says nothing about the
          cloud. {children}
        </Text>
        <Button size="xs" variant="default" loading={isBusy} onClick={again}>
          Run them again
        </Button>
      </Stack>
    </Alert>
  );
}

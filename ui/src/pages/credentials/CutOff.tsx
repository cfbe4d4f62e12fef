import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';

import { sentence, type Validation } from '../../api/client';
import type { Check } from '../../api/validations';

/** Why a run was ended by the server and not by its checks: it stopped, or could not write what should follow. */
export function cutOffBy({ checks }: Validation): Check | undefined {
  return checks.find((it) => it.id === 'stackyard.run' && it.status === 'failed');
}

export function CutOff({
  by,
  children,
  isBusy,
  again,
}: {
  by: Check;
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
          {sentence(by.detail)} That says nothing about the cloud. {children}
        </Text>
        {by.remedy && (
          <Text size="sm">
            <b>Next: </b>
            {sentence(by.remedy)}
          </Text>
        )}
        <Button size="xs" variant="default" loading={isBusy} onClick={again}>
          Run them again
        </Button>
      </Stack>
    </Alert>
  );
}

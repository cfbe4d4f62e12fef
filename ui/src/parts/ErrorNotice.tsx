import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';

import { ApiError } from '../api/client';
import { Copy } from './Copy';

/** What went wrong, what to do, and the id under which the server has logged it. */
export function ErrorNotice({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  if (!error) return null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Said error={error} />
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** The same, where the page has no place of its own for it. It stays until it is closed. */
export function notifyError(title: string, error: unknown) {
  notifications.show({
    color: 'red',
    title,
    autoClose: false,
    closeButtonProps: { 'aria-label': 'Close' },
    message: (
      <Stack gap={4} align="flex-start" c="var(--mantine-color-text)">
        <Said error={error} />
      </Stack>
    ),
  });
}

function Said({ error }: { error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  const refused = error instanceof ApiError ? error : undefined;
  return (
    <>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {message}
      </Text>
      {refused?.remedy && (
        <Text size="sm">
          <b>Next: </b>
          {refused.remedy}
        </Text>
      )}
      {refused?.requestId && (
        <Group gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed">
            Request <span className="mono">{refused.requestId}</span>
          </Text>
          <Copy value={refused.requestId} what="the request id" />
        </Group>
      )}
    </>
  );
}

import { Button, Group, Stack, Text } from '@mantine/core';

/** Save what the cloud accepts, only ask the cloud, or save without asking it. */
export type How = 'save' | 'check' | 'unchecked';

export function SaveBar({ isBusy, onSubmit }: { isBusy: boolean; onSubmit: (how: How) => void }) {
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Button type="submit" loading={isBusy}>
          Save
        </Button>
        <Button variant="default" disabled={isBusy} onClick={() => onSubmit('check')}>
          Check without saving
        </Button>
        <Button variant="subtle" disabled={isBusy} onClick={() => onSubmit('unchecked')}>
          Save without checking
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        Saving asks the cloud first, and saves nothing that it refuses. Saved without checking, for a cloud
        that is down, the credentials are disabled until a validation passes.
      </Text>
    </Stack>
  );
}

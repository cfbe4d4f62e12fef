import { Alert, Button, Checkbox, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';

import { Copy } from './Copy';

/** A secret that the server tells once. Closing needs a word that it is kept somewhere. */
export function ShownOnce({
  title,
  values,
  onClose,
}: {
  title: string;
  /** Name and secret; empty while there is nothing to show. */
  values: [string, string][];
  onClose: () => void;
}) {
  const [isKept, setKept] = useState(false);
  const close = () => {
    setKept(false);
    onClose();
  };
  return (
    <Modal
      opened={values.length > 0}
      onClose={() => isKept && close()}
      withCloseButton={false}
      title={title}
      centered
      attributes={{ header: { role: 'presentation' } }}
    >
      <Stack>
        <Alert color="orange" variant="light">
          This is shown once. The server keeps it sealed or hashed and cannot show it again.
        </Alert>
        {values.map(([name, value]) => (
          <div key={name}>
            <Text size="sm" fw={600}>
              {name}
            </Text>
            <Group gap={6} wrap="nowrap">
              <Code style={{ overflowWrap: 'anywhere' }}>{value}</Code>
              <Copy value={value} what={name.toLowerCase()} />
            </Group>
          </div>
        ))}
        <Checkbox
          label="I have stored it"
          checked={isKept}
          onChange={(event) => setKept(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button disabled={!isKept} onClick={close}>
            Close
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

import { Button, type ButtonProps, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { ErrorNotice } from './ErrorNotice';

type Props = ButtonProps & {
  /** What the button and the question's confirmation say, such as `Delete`. */
  label: string;
  question: string;
  children?: ReactNode;
  act: () => Promise<unknown>;
  done?: () => void;
};

/** A button for what cannot be taken back: asks first, and shows why the server refuses. */
export function Confirm({ label, question, children, act, done, ...button }: Props) {
  const [isOpen, { open, close }] = useDisclosure();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: () => {
      close();
      done?.();
    },
  });
  return (
    <>
      <Button
        variant="default"
        size="xs"
        {...button}
        onClick={() => {
          mutation.reset();
          open();
        }}
      >
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={question} centered>
        <Stack>
          {children && (
            <Text component="div" size="sm">
              {children}
            </Text>
          )}
          <ErrorNotice error={mutation.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button color="red.9" loading={mutation.isPending} onClick={() => mutation.mutate()}>
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

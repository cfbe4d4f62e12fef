import { Button, type ButtonProps, Group, Modal, type ModalProps, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { ErrorNotice } from './ErrorNotice';

type Props<V extends Record<string, unknown>, R> = ButtonProps & {
  /** What the button says, and the dialog's title. */
  label: string;
  /** What the button that sends the form says. */
  submit: string;
  form: UseFormReturnType<V>;
  act: (values: V) => Promise<R>;
  done?: (made: R) => void;
  /** Of the dialog; `size` is that of the button. */
  dialogSize?: ModalProps['size'];
  children: ReactNode;
};

/** A button and the form behind it. What is typed stays when the server refuses it. */
export function FormDialog<V extends Record<string, unknown>, R>(props: Props<V, R>) {
  const { label, submit, form, act, done, dialogSize, children, ...button } = props;
  const [isOpen, { open, close }] = useDisclosure();
  const mutation = useMutation({
    mutationFn: act,
    // The values may hold a password; nothing keeps them.
    gcTime: 0,
    onSuccess: (made) => {
      close();
      // The answer may hold a secret that is shown once.
      mutation.reset();
      form.reset();
      done?.(made);
    },
  });
  const save = form.onSubmit(
    (values) => mutation.mutate(values),
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
  );
  return (
    <>
      <Button
        {...button}
        onClick={() => {
          mutation.reset();
          form.reset();
          open();
        }}
      >
        {label}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={label}
        size={dialogSize}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
        attributes={{ header: { role: 'presentation' } }}
      >
        <form onSubmit={save} noValidate>
          <Stack>
            {children}
            <ErrorNotice error={mutation.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={mutation.isPending}>
                {submit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

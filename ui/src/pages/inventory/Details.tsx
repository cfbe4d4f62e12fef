import { Drawer, Loader, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

import { ErrorNotice } from '../../parts/ErrorNotice';

type Props = {
  isOpen: boolean;
  title: string;
  onClose: () => void;
  isLoading: boolean;
  error: unknown;
  retry: () => void;
  children: ReactNode;
};

/** What is known of one thing, beside its list. It has an address of its own. */
export function Details({ isOpen, title, onClose, isLoading, error, retry, children }: Props) {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size={560}
      title={title}
      closeButtonProps={{ 'aria-label': 'Close the details' }}
      // Not the banner of the page, which its element would make it.
      attributes={{ header: { role: 'presentation' } }}
      styles={{ title: { fontWeight: 600, overflowWrap: 'anywhere' } }}
    >
      <Stack gap="lg" className="inventory-details">
        <ErrorNotice error={error} retry={retry} />
        {isLoading && <Loader aria-label="Loading details" />}
        {children}
      </Stack>
    </Drawer>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack component="section" gap="xs" aria-label={title}>
      <Title order={3} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';

import { type PortCheck, usePortCheck } from '../api/cloud-credentials';
import { useScope } from '../api/scope';
import { Report } from '../pages/credentials/Report';
import { ErrorNotice } from '../parts/ErrorNotice';

type Props = {
  /** What is tried, with the trust that was chosen below. The URL is that of the form itself. */
  wanted: PortCheck;
  setUrl: (url: string) => void;
  placeholder: string;
};

/** Tries, before there is a login, whether the control plane gets through to a cloud. */
export function PortCheckForm({ wanted, setUrl, placeholder }: Props) {
  const check = usePortCheck(useScope());
  const send = (event: FormEvent) => {
    event.preventDefault();
    check.mutate({ ...wanted, url: wanted.url.trim() });
  };
  return (
    <form onSubmit={send} noValidate aria-label="Ports">
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput
            label="URL to try"
            inputMode="url"
            placeholder={placeholder}
            value={wanted.url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            style={{ flex: '1 1 14rem' }}
          />
          <Button type="submit" variant="default" loading={check.isPending} disabled={!wanted.url.trim()}>
            Try the ports
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          Tried from the control plane, without a user or a password. The URL is also that of the form below.
        </Text>
        <ErrorNotice error={check.error} title="The ports were not tried" />
        {check.data && <Report validation={check.data} />}
      </Stack>
    </form>
  );
}

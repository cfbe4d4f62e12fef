import { Anchor, Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useState } from 'react';

import { sessionQuery, useLogin, useSession } from '../api/session';
import { ErrorNotice } from '../parts/ErrorNotice';

/** All pages behind the login, and the question for the password when the session ends under them. */
export function Inside() {
  return (
    <>
      <Outlet />
      <SessionEnded />
    </>
  );
}

function SessionEnded() {
  const { email } = useSession();
  const { data: session } = useQuery(sessionQuery);
  const queries = useQueryClient();
  const login = useLogin();
  const [password, setPassword] = useState('');
  const again = () =>
    login.mutate(
      { email: email ?? '', password },
      {
        onSuccess: () => {
          setPassword('');
          login.reset();
          void queries.invalidateQueries({ predicate: (it) => it.queryKey[0] !== 'session' });
        },
      },
    );
  return (
    <Modal
      opened={session === null}
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session has ended"
      centered
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          again();
        }}
      >
        <Stack>
          <Text size="sm">
            Log in again as <b>{email}</b> to go on. What you typed on this page is kept.
          </Text>
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
            data-autofocus
          />
          <ErrorNotice error={login.error} />
          <Group justify="space-between">
            <Anchor href="/login" size="sm">
              Log in as somebody else
            </Anchor>
            <Button type="submit" loading={login.isPending}>
              Log in
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

import { Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useSearch } from '@tanstack/react-router';

import { sessionQuery, useLogin } from '../../api/session';
import { ErrorNotice } from '../../parts/ErrorNotice';

export function LoginPage() {
  const { from } = useSearch({ from: '/login' });
  const { data: session } = useQuery(sessionQuery);
  const login = useLogin();
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.trim() ? null : 'Enter your email'),
      password: (value) => (value ? null : 'Enter your password'),
    },
  });
  // Only a page of our own: `//host` would leave it.
  if (session) return <Navigate to={from && /^\/(?!\/)/.test(from) ? from : '/'} replace />;
  return (
    <Center mih="100vh" p="md" component="main">
      <title>Log in · Stackyard</title>
      <Paper withBorder p="xl" w="100%" maw={400} shadow="sm">
        <form onSubmit={form.onSubmit((values) => login.mutate({ ...values, email: values.email.trim() }))}>
          <Stack>
            <Group gap="sm">
              <img src="/icon.svg" alt="" width={36} height={36} />
              <Title order={1} size="h3">
                Log in to Stackyard
              </Title>
            </Group>
            {from && (
              <Text size="sm" c="dimmed">
                After the login you come back to where you were.
              </Text>
            )}
            <TextInput label="Email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              {...form.getInputProps('password')}
            />
            <ErrorNotice error={login.error} />
            <Button type="submit" loading={login.isPending}>
              Log in
            </Button>
            <Text size="xs" c="dimmed">
              The first administrator&apos;s login is in the file{' '}
              <span className="mono">initial-admin.json</span> in the server&apos;s data directory.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}

import { Box, Container, Group, Tabs, Text, UnstyledButton } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import { AccountMenu } from '../../frame/AccountMenu';
import { Page } from '../../parts/Page';
import { OwnKeys } from './OwnKeys';
import { OwnSessions } from './OwnSessions';
import { OwnTokens } from './OwnTokens';
import { Self } from './Self';

const TABS = ['self', 'keys', 'tokens', 'sessions'];

/** One's own user. Outside of any scope, so that somebody without one has it too. */
export function ProfilePage() {
  const { tab } = useSearch({ from: '/in/profile' });
  const navigate = useNavigate();
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Box
        component="header"
        px="md"
        h={56}
        style={{ borderBottom: '1px solid var(--mantine-color-default-border)' }}
      >
        <Group h="100%" justify="space-between" wrap="nowrap">
          <UnstyledButton component={Link} to="/">
            <Group gap={8} wrap="nowrap">
              <img src="/icon.svg" alt="" width={26} height={26} />
              <Text fw={700}>Stackyard</Text>
              <Text size="sm" c="dimmed">
                Back to the console
              </Text>
            </Group>
          </UnstyledButton>
          <AccountMenu />
        </Group>
      </Box>
      <Container component="main" id="content" tabIndex={-1} size="md" p="md">
        <Page title="Profile" hint="Your user, and the ways you are logged in.">
          <Tabs
            value={TABS.includes(tab ?? '') ? tab : 'self'}
            onChange={(next) =>
              void navigate({
                to: '.',
                search: { tab: next === 'self' ? undefined : (next ?? undefined) },
                replace: true,
              })
            }
            keepMounted={false}
          >
            <Tabs.List mb="md" aria-label="Parts of the profile">
              <Tabs.Tab value="self">You</Tabs.Tab>
              <Tabs.Tab value="keys">API keys</Tabs.Tab>
              <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
              <Tabs.Tab value="sessions">Sessions</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="self">
              <Self />
            </Tabs.Panel>
            <Tabs.Panel value="keys">
              <OwnKeys />
            </Tabs.Panel>
            <Tabs.Panel value="tokens">
              <OwnTokens />
            </Tabs.Panel>
            <Tabs.Panel value="sessions">
              <OwnSessions />
            </Tabs.Panel>
          </Tabs>
        </Page>
      </Container>
    </>
  );
}

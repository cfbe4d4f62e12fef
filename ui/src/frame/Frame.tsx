import {
  ActionIcon,
  AppShell,
  Box,
  Burger,
  Group,
  NavLink,
  Text,
  Tooltip,
  UnstyledButton,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { Link, Outlet, useLocation, useMatchRoute } from '@tanstack/react-router';
import { type CSSProperties, Suspense, useEffect } from 'react';

import { scopeSegment, useScope } from '../api/scope';
import { useSession } from '../api/session';
import { type Connection, useLiveScope } from '../api/stream';
import { SCOPE_COLOR } from '../theme';
import { AccountMenu } from './AccountMenu';
import { NOUNS } from './nouns';
import { Palette, openPalette } from './Palette';
import { ScopeSwitcher } from './ScopeSwitcher';

const CONNECTION: Record<Connection, string> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Server lost, trying again',
  refused: 'Not live: no permission here',
};

/** What surrounds every page: where one is, where one may go, and whether what is shown is live. */
export function Frame() {
  const scope = useScope();
  const segment = scopeSegment(scope);
  const connection = useLiveScope(scope, useSession().lastEventId);
  const matches = useMatchRoute();
  const { pathname } = useLocation();
  const [isOpen, { toggle, close }] = useDisclosure();
  useEffect(close, [pathname, close]);
  const color = SCOPE_COLOR[scope.kind];
  const active = (to: string) =>
    Boolean(matches({ to, params: { scope: segment }, fuzzy: to !== '/$scope' } as never));
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <AppShell.Header style={{ borderTop: `4px solid var(--mantine-color-${color}-7)` }}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <UnstyledButton component={Link} to="/" visibleFrom="xs">
              <Group gap={8} wrap="nowrap">
                <img src="/icon.svg" alt="" width={26} height={26} />
                <Text fw={700}>Stackyard</Text>
              </Group>
            </UnstyledButton>
            <ScopeSwitcher scope={scope} />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <UnstyledButton
              onClick={openPalette}
              visibleFrom="sm"
              px="sm"
              py={4}
              style={{ border: '1px solid var(--mantine-color-default-border)', borderRadius: 4 }}
            >
              <Group gap="xs" wrap="nowrap">
                <IconSearch size={16} aria-hidden />
                <Text size="sm">Find anything</Text>
                <Text size="xs" c="dimmed" className="mono">
                  Ctrl K
                </Text>
              </Group>
            </UnstyledButton>
            <ActionIcon
              hiddenFrom="sm"
              variant="default"
              size="lg"
              onClick={openPalette}
              aria-label="Find anything"
            >
              <IconSearch size={18} />
            </ActionIcon>
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages of this scope">
        {NOUNS.filter((it) => (it.scopes as readonly string[]).includes(scope.kind)).map((noun) => (
          <NavLink
            key={noun.to}
            component={Link}
            to={noun.to}
            params={{ scope: segment } as never}
            activeOptions={{ exact: noun.to === '/$scope', includeSearch: false }}
            label={noun.label}
            leftSection={<noun.icon size={18} stroke={1.6} aria-hidden />}
            active={active(noun.to)}
            color={color}
            style={
              {
                '--nl-color': 'var(--mantine-color-text)',
                borderLeft: `3px solid ${active(noun.to) ? `var(--mantine-color-${color}-6)` : 'transparent'}`,
              } as CSSProperties
            }
          />
        ))}
        <Box mt="auto" p="xs" role="status" aria-live="polite">
          <Tooltip label="Changes arrive by themselves while the server is connected" withArrow>
            <Group gap={8} wrap="nowrap">
              <Box
                w={9}
                h={9}
                bg={connection === 'live' ? 'teal.6' : 'orange.6'}
                style={{ borderRadius: '50%', flexShrink: 0 }}
              />
              <Text size="xs" c="dimmed">
                {CONNECTION[connection]}
              </Text>
            </Group>
          </Tooltip>
        </Box>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Suspense>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <Palette scope={scope} />
    </AppShell>
  );
}

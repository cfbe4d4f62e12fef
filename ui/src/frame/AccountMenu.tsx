import { ActionIcon, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { useLogout, useSession } from '../api/session';

/** Who is logged in, their own page, light or dark, and the way out. */
export function AccountMenu() {
  const session = useSession();
  const logout = useLogout();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const scheme = (value: 'light' | 'dark' | 'auto', label: string, Icon: typeof IconSun) => (
    <Menu.Item
      leftSection={<Icon size={16} aria-hidden />}
      onClick={() => setColorScheme(value)}
      fw={colorScheme === value ? 700 : undefined}
      aria-current={colorScheme === value}
    >
      {label}
    </Menu.Item>
  );
  return (
    <Menu shadow="md" width={240} position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={`You: ${session.email}`}>
          <IconUserCircle size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" className="truncate">
            {session.name || session.email}
          </Text>
          <Text size="xs" className="truncate">
            {session.email}
          </Text>
        </Menu.Label>
        <Menu.Item component={Link} to="/profile" leftSection={<IconUserCircle size={16} aria-hidden />}>
          Profile, keys and sessions
        </Menu.Item>
        <Menu.Divider />
        {scheme('light', 'Light', IconSun)}
        {scheme('dark', 'Dark', IconMoon)}
        {scheme('auto', 'As the system', IconDeviceDesktop)}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => logout.mutate()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

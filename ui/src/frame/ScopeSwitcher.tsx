import { Box, Button, Menu, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { type Scope, scopeSegment } from '../api/scope';
import { scopeName, useSession } from '../api/session';
import { SCOPE_SHADE } from '../theme';

const KIND = { global: 'Scalr scope', account: 'Account', environment: 'Environment' } as const;
/** More than these, and a field to filter them appears. */
const FEW = 8;

/** Always visible: which scope one works in, by word and colour, and the way to another. */
export function ScopeSwitcher({ scope }: { scope: Scope }) {
  const session = useSession();
  const navigate = useNavigate();
  const [filter, setFilter] = useState('');
  const wanted = (name: string) => name.toLowerCase().includes(filter.trim().toLowerCase());
  const item = (it: Scope, name: string, hint?: string) => (
    <Menu.Item
      key={scopeSegment(it)}
      onClick={() => void navigate({ to: '/$scope', params: { scope: scopeSegment(it) } })}
      leftSection={<Box w={10} h={10} bg={SCOPE_SHADE[it.kind]} style={{ borderRadius: 2 }} />}
      rightSection={
        scopeSegment(it) === scopeSegment(scope) ? <IconCheck size={16} aria-label="open" /> : undefined
      }
    >
      <Text size="sm" className="truncate" maw={240}>
        {name}
      </Text>
      {hint && (
        <Text size="xs" c="dimmed" className="truncate" maw={240}>
          {hint}
        </Text>
      )}
    </Menu.Item>
  );
  const accounts = session.accounts.filter((it) => wanted(it.name));
  const environments = session.environments.filter((it) => wanted(it.name) || wanted(it.accountName));
  const isMany = session.accounts.length + session.environments.length > FEW;
  return (
    <Menu shadow="md" width={300} position="bottom-start" onClose={() => setFilter('')}>
      <Menu.Target>
        <Button
          color={SCOPE_SHADE[scope.kind]}
          size="sm"
          px="sm"
          miw={0}
          maw={{ base: 190, sm: 320 }}
          rightSection={<IconChevronDown size={16} aria-hidden />}
          aria-label={`Scope: ${KIND[scope.kind]}${scope.kind === 'global' ? '' : ` ${scopeName(session, scope)}`}`}
        >
          <span className="truncate">
            {scope.kind === 'global' ? 'Scalr scope' : `${KIND[scope.kind]}: ${scopeName(session, scope)}`}
          </span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {isMany && (
          <TextInput
            size="xs"
            m={4}
            placeholder="Filter accounts and environments"
            aria-label="Filter accounts and environments"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <ScrollArea.Autosize mah="70vh">
          {session.isGlobalAdministrator && wanted('Scalr scope') && (
            <>
              <Menu.Label>Whole installation</Menu.Label>
              {item({ kind: 'global' }, 'Scalr scope')}
            </>
          )}
          {accounts.length > 0 && <Menu.Label>Accounts</Menu.Label>}
          {accounts.map((it) => item({ kind: 'account', id: it.id }, it.name))}
          {environments.length > 0 && <Menu.Label>Environments</Menu.Label>}
          {environments.map((it) => item({ kind: 'environment', id: it.id }, it.name, it.accountName))}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}

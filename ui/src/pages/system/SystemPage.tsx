import { Loader, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { systemQuery } from '../../api/system';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Configuration } from './Configuration';
import { ConnectionPolicy } from './ConnectionPolicy';
import { State } from './State';

const TABS = ['state', 'configuration', 'connection-policy'];

/** How the installation is, and how it is configured. */
export function SystemPage() {
  const { tab } = useSearch({ from: '/in/$scope/system' });
  const navigate = useNavigate();
  const { data: system, error, isPending, refetch } = useQuery(systemQuery);
  return (
    <Page title="System" hint="How the control plane is, how old what it knows is, and how it is configured.">
      <ErrorNotice error={error} retry={() => void refetch()} />
      {isPending && <Loader role="status" aria-label="Loading the state of the system" />}
      {system && (
        <Tabs
          value={TABS.includes(tab ?? '') ? tab : 'state'}
          onChange={(next) =>
            void navigate({
              to: '.',
              search: { tab: next === 'state' ? undefined : (next ?? undefined) },
              replace: true,
            })
          }
          keepMounted={false}
        >
          <Tabs.List mb="md" aria-label="Parts of the system page">
            <Tabs.Tab value="state">State</Tabs.Tab>
            <Tabs.Tab value="configuration">Configuration</Tabs.Tab>
            <Tabs.Tab value="connection-policy">Connection policy</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="state">
            <State system={system} />
          </Tabs.Panel>
          <Tabs.Panel value="configuration">
            <Configuration system={system} />
          </Tabs.Panel>
          <Tabs.Panel value="connection-policy">
            <ConnectionPolicy system={system} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Page>
  );
}

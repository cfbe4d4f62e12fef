import './servers.css';

import { Button, Group, Loader, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { isVsphere } from '../../api/clouds';
import { environmentId, useScope } from '../../api/scope';
import { consoleOutputQuery, consolePictureQuery } from '../../api/server-operations';
import type { Server } from '../../api/servers';
import { Copy } from '../../parts/Copy';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { serverName } from './names';

const LINES = ['50', '200', '1000', '10000'];

/** What a server shows to somebody who stands before it: text of OpenStack, a picture of vSphere. */
export function Console({ server }: { server: Server }) {
  return isVsphere(server.cloudPlatform) ? <Picture server={server} /> : <Output server={server} />;
}

function Output({ server }: { server: Server }) {
  const [lines, setLines] = useState('200');
  const said = useQuery(consoleOutputQuery(environmentId(useScope()), server.id, Number(lines)));
  return (
    <Shown
      title="Serial console"
      query={said}
      actions={
        <Select
          size="xs"
          w={130}
          aria-label="How many lines"
          allowDeselect={false}
          data={LINES.map((value) => ({ value, label: `${Number(value).toLocaleString('en')} lines` }))}
          value={lines}
          onChange={(next) => setLines(next ?? '200')}
        />
      }
    >
      {said.data && (
        <div className="console">
          <div className="console-copy">
            <Copy value={said.data.output} what="what it wrote" />
          </div>
          <pre tabIndex={0} role="region" aria-label="What it wrote to its serial console">
            {said.data.output || 'It wrote nothing.'}
          </pre>
        </div>
      )}
    </Shown>
  );
}

function Picture({ server }: { server: Server }) {
  const picture = useQuery(consolePictureQuery(environmentId(useScope()), server.id));
  return (
    <Shown title="Screen" query={picture}>
      {picture.data && (
        <img className="screen" src={picture.data.url} alt={`The screen of ${serverName(server)}`} />
      )}
    </Shown>
  );
}

type ShownProps = {
  title: string;
  query: UseQueryResult<{ readAt: string }, Error>;
  actions?: ReactNode;
  children: ReactNode;
};

function Shown({ title, query, actions, children }: ShownProps) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Group gap="xs">
          {query.data && (
            <Text size="sm" c="dimmed">
              Read <When at={query.data.readAt} />
            </Text>
          )}
          {actions}
          <Button size="xs" variant="default" loading={query.isFetching} onClick={() => void query.refetch()}>
            Refresh
          </Button>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        It may show secrets. It is read when you look, and kept nowhere.
      </Text>
      <ErrorNotice error={query.error} retry={() => void query.refetch()} title="The cloud did not show it" />
      {query.isPending && <Loader role="status" aria-label={`Reading: ${title.toLowerCase()}`} />}
      {children}
    </Stack>
  );
}

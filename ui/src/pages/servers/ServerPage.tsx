import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { environmentId, useScope } from '../../api/scope';
import { serverQuery } from '../../api/servers';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { When } from '../../parts/When';
import { FailureBox } from './FailureBox';
import { serverName } from './names';
import { ServerActions } from './ServerActions';
import { ServerTabs } from './ServerTabs';
import { State } from './State';
import { Timeline } from './Timeline';

/** One machine of a farm: what it is, what it should be, and how it came to that. */
export function ServerPage() {
  const envId = environmentId(useScope());
  const { serverId } = useParams({ from: '/in/$scope/servers/$serverId' });
  const { data: server, error, isPending, refetch } = useQuery(serverQuery(envId, serverId));
  if (!server || isGone(error))
    return (
      <Page title="Server">
        {isPending && <Loader role="status" aria-label="Loading the server" />}
        <ErrorNotice
          error={error}
          retry={() => void refetch()}
          title="A terminated server is shown for ten minutes; what came to pass with it stays below"
        />
        <Timeline of={{ server: serverId }} servers={[]} />
      </Page>
    );
  return (
    <Page
      title={serverName(server)}
      state={<State server={server} />}
      hint={
        <>
          Status changed <When at={server.statusSince} />
        </>
      }
      actions={<ServerActions server={server} />}
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      <FailureBox server={server} />
      <ServerTabs server={server} />
    </Page>
  );
}

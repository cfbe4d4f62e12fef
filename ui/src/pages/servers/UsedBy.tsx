import { Fragment } from 'react';

import type { AssetServer } from '../../api/volumes';
import { ServerLink } from './ServerLink';

/** The servers that have a volume or are on a network. One of another environment is known by its id in the cloud. */
export function UsedBy({ servers }: { servers: AssetServer[] }) {
  if (servers.length === 0) return <>no server</>;
  return (
    <>
      {servers.map(({ cloudServerId, name, server }, index) => (
        <Fragment key={cloudServerId}>
          {index > 0 && ', '}
          {server ? (
            <ServerLink server={{ id: server.id, name }} isInText />
          ) : (
            <>
              <span className="mono">{cloudServerId}</span>, which is not of this environment
            </>
          )}
        </Fragment>
      ))}
    </>
  );
}

/** The same as plain text. */
export function usedByText(servers: AssetServer[]): string {
  return servers.map((it) => it.name ?? it.server?.id ?? it.cloudServerId).join(', ') || 'no server';
}

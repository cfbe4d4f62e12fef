import { sentence } from '../../api/client';
import type { Farm } from '../../api/farms';
import { scopeSegment } from '../../api/scope';
import type { Server } from '../../api/servers';
import { ServerStatus } from '../../parts/Status';
import { When } from '../../parts/When';
import { serverName } from '../servers/names';
import type { Problem } from './Problems';

type Failed = { servers: Server[]; total: number };

/** Servers that are not what they should be, each with the reason and what to do; the rest of many in one line. */
export function serverProblems(envId: number, failed: Failed | undefined, farms: Farm[]): Problem[] {
  if (!failed) return [];
  const scope = scopeSegment({ kind: 'environment', id: envId });
  const told = failed.servers.map((it): Problem => {
    const farm = farms.find(({ id }) => id === it.farm.id);
    const next = it.failure?.nextSteps[0];
    const why = it.failure ? sentence(it.failure.summary) : undefined;
    return {
      key: it.id,
      name: `${serverName(it)} of ${farm?.name ?? `farm ${it.farm.id}`}`,
      link: { to: '/$scope/servers/$serverId', params: { scope, serverId: it.id } as never },
      state: <ServerStatus value={it.status} />,
      since: (
        <>
          fails since <When at={it.failure?.since} />
        </>
      ),
      reason: next ? `${why} Next: ${sentence(next)}` : why,
    };
  });
  const n = failed.total - failed.servers.length;
  if (n > 0)
    told.push({
      key: 'more servers',
      name: `${n} more ${n === 1 ? 'server fails' : 'servers fail'}`,
      link: { to: '/$scope/servers', params: { scope } as never, search: { failed: 'yes' } as never },
      state: null,
    });
  return told;
}

import './farms.css';

import { sentence } from '../../api/client';
import type { Server } from '../../api/servers';
import { ServerLink } from '../servers/ServerLink';
import { serverName } from '../servers/names';
import { State } from '../servers/State';

/** The servers of a tier, as many as there are. */
export function TierServers({ label, servers }: { label: string; servers: Server[] }) {
  return (
    <div className="table-box tier-servers" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col" className="number">
              Index
            </th>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col">Address</th>
            <th scope="col">Failure, or what it waits for</th>
          </tr>
        </thead>
        <tbody>
          {servers.map((it) => (
            <tr key={it.id}>
              <td className="number">{it.index}</td>
              <td title={serverName(it)}>
                <ServerLink server={it} />
              </td>
              <td>
                <State server={it} />
              </td>
              <td title={it.connectionAddress ?? it.noAddressBecause ?? undefined}>
                {it.connectionAddress ? (
                  <span className="mono">{it.connectionAddress}</span>
                ) : it.noAddressBecause ? (
                  sentence(it.noAddressBecause)
                ) : (
                  '–'
                )}
              </td>
              <td title={hold(it)} className={it.waitingFor ? 'tier-wait' : undefined}>
                {hold(it) ?? 'none'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What keeps a server from running, in a sentence. */
function hold({ failure, waitingFor }: Server): string | undefined {
  if (failure) return sentence(failure.summary);
  return waitingFor ? sentence(`waits for ${waitingFor.for}: ${waitingFor.lastError}`) : undefined;
}

import type { Farm } from '../../api/farms';
import { nOf } from '../inventory/units';

/** How many servers of a farm are, or will be, in a cloud. */
export function liveServers(farm: Farm): number {
  return Object.entries(farm.servers ?? {}).reduce(
    (sum, [status, n]) => (status === 'terminated' ? sum : sum + n),
    0,
  );
}

/** `2 running, 1 pending`; empty where there is none. */
export function serversByStatus(farm: Farm): string {
  return Object.entries(farm.servers ?? {})
    .filter(([, n]) => n > 0)
    .map(([status, n]) => `${n} ${status.replaceAll('_', ' ')}`)
    .join(', ');
}

export function nServers(n: number): string {
  return nOf(n, 'server');
}

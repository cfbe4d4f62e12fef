import type { Farm } from '../../api/farms';
import { nOf } from '../inventory/units';

/** How many servers of a farm are, or will be, in a cloud. */
export function liveServers(farm: Farm): number {
  return Object.entries(farm.servers ?? {}).reduce(
    (sum, [status, n]) => (status === 'terminated' ? sum : sum + n),
    0,
  );
}

/** `2 running, 1 pending`, of one farm or of several; empty where there is none. */
export function serversByStatus(...farms: Farm[]): string {
  const counts = new Map<string, number>();
  for (const [status, n] of farms.flatMap((it) => Object.entries(it.servers ?? {})))
    counts.set(status, (counts.get(status) ?? 0) + n);
  return [...counts]
    .filter(([, n]) => n > 0)
    .map(([status, n]) => `${n} ${status.replaceAll('_', ' ')}`)
    .join(', ');
}

/** `2 running, 1 terminated`: what is wanted of farms. */
export function farmsByStatus(farms: Farm[]): string {
  const statuses = ['running', 'suspended', 'terminated'];
  return statuses
    .map((status) => [farms.filter((it) => it.status === status).length, status] as const)
    .filter(([n]) => n > 0)
    .map(([n, status]) => `${n} ${status}`)
    .join(', ');
}

export function nServers(n: number): string {
  return nOf(n, 'server');
}

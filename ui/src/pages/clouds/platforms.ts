import type { Cloud } from '../../api/clouds';

/** The clouds to show: both kinds always, other makers' OpenStack where there is something of them. */
export function platformsOf(links: Cloud[], providers: string[] = []): string[] {
  return [...new Set(['openstack', 'vmware', ...links.map((it) => it.cloud), ...providers])];
}

import type { Server } from '../../api/servers';

/** The name in the cloud. Until it is decided, the id stands for it. */
export function serverName({ name, id }: Pick<Server, 'name' | 'id'>): string {
  return name || id;
}

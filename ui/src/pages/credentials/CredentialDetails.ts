import type { CloudCredentials } from '../../api/cloud-credentials';

/*
 * What the last good validation saw. The description of the API leaves `cloudDetails` open, because each driver has its
 * own; these are the parts that are shown, and any of them may be missing.
 */
export type Version = { id?: string; status?: string; minVersion?: string; maxVersion?: string };
export type Service = {
  type?: string;
  catalogType?: string;
  name?: string;
  url?: string;
  port?: number;
  isDefaultPort?: boolean;
  error?: string | null;
  versions?: Version[];
  extensions?: { alias?: string; name?: string }[];
};
export type Region = { name: string; services?: Service[] };
export type VCenter = {
  url: string;
  apiType?: string;
  apiVersion?: string;
  fullName?: string;
  version?: string;
  build?: string;
  instanceUuid?: string;
};
type Details = {
  project?: string;
  identity?: { url?: string; version?: string };
  regions?: Region[];
  vCenters?: VCenter[];
};

export function detailsOf(credentials: CloudCredentials): Details {
  return (credentials.cloudDetails ?? {}) as Details;
}

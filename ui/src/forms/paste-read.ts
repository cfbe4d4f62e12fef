import { emptyVsphere, type VsphereValues } from './vsphere-values';
import { isOn, openstackOf, type OpenstackPasted } from './paste-openstack';
import { readShell, type Variables } from './paste-shell';
import { readYaml, type Yaml } from './paste-yaml';

export type Pasted = OpenstackPasted | { cloud: 'vmware'; values: VsphereValues; notes: string[] };
/** A clouds.yaml with more than one entry asks which. */
export type Choice = { names: string[] };

/** Finds out what it is: a clouds.yaml or an entry of one, an openrc, or a GOVC block. Throws what a person can mend. */
export function readPasted(text: string, entry?: string): Pasted | Choice {
  if (!text.trim()) throw new Error('Paste the text first.');
  if (/\bGOVC_\w+=/.test(text)) return vsphereOf(readShell(text));
  if (/\bOS_\w+=/.test(text)) return ofOpenrc(readShell(text));
  if (/^\s*(clouds|auth|auth_url)\s*:/m.test(text)) return ofYaml(text, entry);
  throw new Error(
    'This is neither a clouds.yaml entry (with “auth_url:”), nor an openrc (“export OS_AUTH_URL=…”), nor a GOVC block (“export GOVC_URL=…”).',
  );
}

function ofOpenrc({ values, unknown }: Variables): Pasted {
  const given = new Map<string, string>();
  for (const [name, value] of values)
    if (name.startsWith('OS_')) given.set(name.slice(3).toLowerCase(), value);
  const pasted = openstackOf(given, '');
  return { ...pasted, notes: [...pasted.notes, ...notKnown(unknown, 'OS_')] };
}

function ofYaml(text: string, wanted: string | undefined): Pasted | Choice {
  const root = readYaml(text);
  const isMapping = (it: Yaml | undefined): it is { [key: string]: Yaml } =>
    typeof it === 'object' && !Array.isArray(it);
  // A whole file, entries without their head, or the inside of one entry.
  const clouds = isMapping(root.clouds)
    ? root.clouds
    : 'auth' in root || 'auth_url' in root
      ? { '': root }
      : root;
  const names = Object.keys(clouds).filter((name) => isMapping(clouds[name]));
  const [only] = names;
  if (only === undefined) throw new Error('There is no entry of a cloud in it.');
  if (wanted === undefined && names.length > 1) return { names };
  const cloud = clouds[wanted ?? only];
  if (!isMapping(cloud)) throw new Error(`There is no cloud “${wanted}” in it.`);
  const given = new Map<string, string>();
  // What stands beside `auth` counts where it is not inside.
  for (const part of [cloud, isMapping(cloud.auth) ? cloud.auth : {}])
    for (const [key, value] of Object.entries(part)) if (typeof value === 'string') given.set(key, value);
  const pasted = openstackOf(given, wanted ?? only);
  const regions = Array.isArray(cloud.regions) ? cloud.regions : [];
  const [region] = regions;
  if (region && !pasted.values.region) {
    if (regions.length === 1) pasted.values.region = region;
    else
      pasted.notes.push(
        `It names the regions ${regions.join(', ')}. Without one, all of the catalog are used.`,
      );
  }
  return pasted;
}

/** The scheme is https and the path `/sdk` where not given, as govc has it. */
function vsphereOf({ values: given, unknown }: Variables): Pasted {
  const get = (name: string) => given.get(`GOVC_${name}`) ?? '';
  const typed = get('URL');
  if (!typed) throw new Error('GOVC_URL is not set in it.');
  const whole = typed.includes('://') ? typed : `https://${typed}`;
  // Not quoted: there may be a password in it.
  if (!URL.canParse(whole)) throw new Error('GOVC_URL is not a URL.');
  const url = new URL(whole);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  if (url.pathname === '/') url.pathname = '/sdk';
  const notes = notKnown(unknown, 'GOVC_');
  for (const name of ['TLS_CA_CERTS', 'TLS_KNOWN_HOSTS'])
    if (get(name))
      notes.push(
        `The file ${get(name)} of GOVC_${name} cannot be read from here: paste ${name === 'TLS_CA_CERTS' ? 'its content into “CA certificate”' : 'the SHA-256 of the certificate into “Pinned fingerprints”'}.`,
      );
  const values: VsphereValues = {
    ...emptyVsphere,
    url: url.href,
    userName: get('USERNAME') || user,
    secret: get('PASSWORD') || password,
    sslVerification: !isOn(get('INSECURE')),
  };
  return { cloud: 'vmware', values, notes };
}

/** A shell would put something in: a variable, what a program prints, what a person types. */
function notKnown(unknown: string[], prefix: string): string[] {
  const names = unknown.filter((it) => it.startsWith(prefix));
  return names.length > 0 ? [`Only a shell knows the value of ${names.join(', ')}: enter it below.`] : [];
}

import { type AuthType, emptyOpenstack, type OpenstackValues } from './openstack-values';

/** What was read, and what a person should know about it. */
export type OpenstackPasted = { cloud: 'openstack'; values: OpenstackValues; notes: string[] };

const AUTH_TYPE: Record<string, AuthType> = {
  password: 'password',
  v3password: 'password',
  token: 'token',
  v3token: 'token',
  v3applicationcredential: 'applicationCredential',
};
const INTERFACE = ['public', 'internal', 'admin'];
/** Read by other programs for what is no matter here. */
const QUIET = [
  'identity_api_version',
  'auth_plugin',
  'no_cache',
  'cloud',
  'regions',
  'auth',
  'profile',
  'name',
];

/** Keys as in clouds.yaml; the `OS_…` variables are the same words. */
export function openstackOf(given: Map<string, string>, name: string): OpenstackPasted {
  const used = new Set(QUIET);
  const get = (...keys: string[]) => {
    for (const key of keys) used.add(key);
    return keys.map((key) => given.get(key)).find(Boolean) ?? '';
  };
  const notes: string[] = [];
  const typed = get('auth_type');
  const applicationId = get('application_credential_id');
  const applicationName = get('application_credential_name');
  const authType = typed
    ? AUTH_TYPE[typed.toLowerCase()]
    : applicationId || applicationName
      ? 'applicationCredential'
      : 'password';
  if (!authType)
    throw new Error(
      `The authentication type “${typed}” is not supported. There are ${Object.keys(AUTH_TYPE).join(', ')}.`,
    );
  const keystoneUrl = get('auth_url');
  if (!keystoneUrl) {
    const profile = given.get('profile') || given.get('cloud');
    throw new Error(
      `There is no auth_url in it.${profile ? ` The vendor's profile “${profile}” is not read here.` : ''}`,
    );
  }
  const secrets = {
    password: get('password'),
    applicationCredential: get('application_credential_secret'),
    token: get('token', 'auth_token'),
  };
  const defaultDomainId = get('default_domain_id');
  const userDomainId = get('user_domain_id');
  const userDomainName = get('user_domain_name');
  const projectDomainId = get('project_domain_id');
  const projectDomainName = get('project_domain_name');
  const user = domain(userDomainId, userDomainName, defaultDomainId);
  const project = domain(projectDomainId, projectDomainName, defaultDomainId);
  const isApplication = authType === 'applicationCredential';
  const isOne =
    user.by === 'name' && (isApplication || (project.by === 'name' && project.text === user.text));
  const interfaceName = get('interface', 'endpoint_type').replace(/URL$/, '') || 'public';
  if (!INTERFACE.includes(interfaceName))
    throw new Error(`The interface “${interfaceName}” is not one of ${INTERFACE.join(', ')}.`);
  const isVerified = !isOn(get('insecure')) && !/^(false|no|off|0)$/i.test(get('verify'));
  const cacert = get('cacert');
  if (cacert)
    notes.push(`The file ${cacert} cannot be read from here: paste its content into “CA certificate”.`);
  const ignored = [...given.keys()].filter((key) => !used.has(key) && given.get(key));
  const values: OpenstackValues = {
    ...emptyOpenstack,
    name,
    keystoneUrl,
    authType,
    userName: get('username', 'user_name'),
    userId: get('user_id'),
    tenantName: isApplication ? '' : get('project_name', 'tenant_name'),
    projectId: isApplication ? '' : get('project_id', 'tenant_id'),
    domainName: get('default_domain_name', 'default_domain') || (isOne ? user.text : ''),
    hasSeparateDomains: !isOne && Boolean(user.text || project.text),
    userDomainBy: user.by,
    userDomain: isOne ? '' : user.text,
    projectDomainBy: project.by,
    projectDomain: isOne || isApplication ? '' : project.text,
    applicationCredentialBy: applicationName && !applicationId ? 'name' : 'id',
    applicationCredential: applicationId || applicationName,
    secret: secrets[authType],
    region: get('region_name'),
    interface: interfaceName,
    sslVerification: isVerified,
  };
  const unread = ignored.filter((key) => !used.has(key));
  if (unread.length > 0) notes.push(`Not used: ${unread.join(', ')}.`);
  return { cloud: 'openstack', values, notes };
}

function domain(id: string, name: string, defaultId: string): { by: 'id' | 'name'; text: string } {
  if (id) return { by: 'id', text: id };
  return name || !defaultId ? { by: 'name', text: name } : { by: 'id', text: defaultId };
}

/** As Go and Python take it. */
export const isOn = (text: string) => /^(1|t|true|yes|on)$/i.test(text);

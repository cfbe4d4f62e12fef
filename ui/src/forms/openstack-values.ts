import type { OpenstackCredentials } from '../api/cloud-credentials';
import {
  commonBody,
  commonValues,
  type CommonValues,
  emptyCommon,
  type Errors,
  nameErrors,
  orNull,
  trustErrors,
  urlError,
} from './credential-values';

export type AuthType = NonNullable<OpenstackCredentials['authType']>;
type By = 'name' | 'id';

export type OpenstackValues = CommonValues & {
  provider: string;
  keystoneUrl: string;
  authType: AuthType;
  userName: string;
  userId: string;
  tenantName: string;
  projectId: string;
  domainName: string;
  hasSeparateDomains: boolean;
  userDomainBy: By;
  userDomain: string;
  projectDomainBy: By;
  projectDomain: string;
  applicationCredentialBy: By;
  applicationCredential: string;
  /** Password, secret of the application credential, or token. */
  secret: string;
  region: string;
  interface: string;
};

export const emptyOpenstack: OpenstackValues = {
  ...emptyCommon,
  provider: 'openstack',
  keystoneUrl: '',
  authType: 'password',
  userName: '',
  userId: '',
  tenantName: '',
  projectId: '',
  domainName: '',
  hasSeparateDomains: false,
  userDomainBy: 'name',
  userDomain: '',
  projectDomainBy: 'name',
  projectDomain: '',
  applicationCredentialBy: 'id',
  applicationCredential: '',
  secret: '',
  region: '',
  interface: 'public',
};

/** Saved credentials as a form to change them. The secret is never told, so it is empty. */
export function openstackValues(saved: OpenstackCredentials): OpenstackValues {
  const text = (key: keyof OpenstackCredentials) => (saved[key] as string | null | undefined) ?? '';
  const userDomainId = text('userDomainId');
  const projectDomainId = text('projectDomainId');
  return {
    ...emptyOpenstack,
    ...commonValues(saved),
    provider: saved.provider ?? 'openstack',
    keystoneUrl: text('keystoneUrl'),
    authType: saved.authType ?? 'password',
    userName: text('userName'),
    userId: text('userId'),
    tenantName: text('tenantName'),
    projectId: text('projectId'),
    domainName: text('domainName'),
    hasSeparateDomains: Boolean(
      userDomainId || projectDomainId || text('userDomainName') || text('projectDomainName'),
    ),
    userDomainBy: userDomainId ? 'id' : 'name',
    userDomain: userDomainId || text('userDomainName'),
    projectDomainBy: projectDomainId ? 'id' : 'name',
    projectDomain: projectDomainId || text('projectDomainName'),
    applicationCredentialBy:
      text('applicationCredentialName') && !text('applicationCredentialId') ? 'name' : 'id',
    applicationCredential: text('applicationCredentialId') || text('applicationCredentialName'),
    region: text('region'),
    interface: text('interface') || 'public',
  };
}

/** Keystone v2 has no domains. Such a URL is refused by the server, with the reason. */
export const hasDomains = (keystoneUrl: string) => !/\/v2(\.\d+)?\/*$/i.test(keystoneUrl.trim());

/** Which fields this kind of login has: an application credential brings its project, and by id its user. */
export function fieldsOf(values: OpenstackValues) {
  const isApplication = values.authType === 'applicationCredential';
  return {
    application: isApplication,
    user: values.authType === 'password' || (isApplication && values.applicationCredentialBy === 'name'),
    project: !isApplication,
    domains: hasDomains(values.keystoneUrl) && !(isApplication && values.applicationCredentialBy === 'id'),
  };
}

const SECRET = {
  password: 'password',
  applicationCredential: 'applicationCredentialSecret',
  token: 'token',
} as const;

export function openstackBody(values: OpenstackValues): OpenstackCredentials {
  const has = fieldsOf(values);
  const only = (isThere: boolean, text: string) => (isThere ? orNull(text) : null);
  const { hasSeparateDomains, userDomainBy, projectDomainBy, applicationCredentialBy } = values;
  const ofUser = has.domains && hasSeparateDomains && values.authType !== 'token';
  const ofProject = has.domains && hasSeparateDomains && has.project;
  return {
    ...commonBody(values),
    cloudCredentialsType: 'OpenstackCloudCredentials',
    provider: values.provider,
    keystoneUrl: values.keystoneUrl.trim(),
    authType: values.authType,
    userName: only(has.user, values.userName),
    userId: only(has.user, values.userId),
    tenantName: only(has.project, values.tenantName),
    projectId: only(has.project, values.projectId),
    domainName: only(has.domains && !hasSeparateDomains, values.domainName),
    userDomainName: only(ofUser && userDomainBy === 'name', values.userDomain),
    userDomainId: only(ofUser && userDomainBy === 'id', values.userDomain),
    projectDomainName: only(ofProject && projectDomainBy === 'name', values.projectDomain),
    projectDomainId: only(ofProject && projectDomainBy === 'id', values.projectDomain),
    applicationCredentialId: only(
      has.application && applicationCredentialBy === 'id',
      values.applicationCredential,
    ),
    applicationCredentialName: only(
      has.application && applicationCredentialBy === 'name',
      values.applicationCredential,
    ),
    region: orNull(values.region),
    interface: values.interface === 'public' ? null : values.interface,
    // An empty secret is left away: when credentials are changed the stored one stays.
    ...(values.secret ? { [SECRET[values.authType]]: values.secret } : {}),
  };
}

const SECRET_ERROR: Record<AuthType, string> = {
  password: 'Enter the password',
  applicationCredential: 'Enter the secret of the application credential',
  token: 'Enter the token',
};

export function openstackErrors(values: OpenstackValues, needsSecret = true): Errors {
  const errors: Errors = nameErrors(values);
  const has = fieldsOf(values);
  const url = urlError(values.keystoneUrl, 'https://keystone.example:5000/v3');
  if (url) errors.keystoneUrl = url;
  if (has.application && !values.applicationCredential.trim())
    errors.applicationCredential = `Enter the ${values.applicationCredentialBy} of the application credential`;
  if (has.user && !values.userName.trim() && !values.userId.trim()) errors.userName = 'Enter the user name';
  if (needsSecret && !values.secret) errors.secret = SECRET_ERROR[values.authType];
  if (values.authType === 'password' && !values.tenantName.trim() && !values.projectId.trim())
    errors.tenantName = 'Enter the project (tenant) to work in';
  return { ...errors, ...trustErrors(values) };
}

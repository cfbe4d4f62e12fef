import type { VmwareCredentials } from '../api/cloud-credentials';
import {
  commonBody,
  commonValues,
  type CommonValues,
  emptyCommon,
  type Errors,
  nameErrors,
  trustErrors,
  urlError,
} from './credential-values';

export type VsphereValues = CommonValues & {
  url: string;
  linkedVCenters: string[];
  userName: string;
  secret: string;
};

export const emptyVsphere: VsphereValues = {
  ...emptyCommon,
  url: '',
  linkedVCenters: [],
  userName: '',
  secret: '',
};

/** Saved credentials as a form to change them. The password is never told, so it is empty. */
export function vsphereValues(saved: VmwareCredentials): VsphereValues {
  return {
    ...commonValues(saved),
    url: saved.url ?? '',
    linkedVCenters: saved.linkedVCenters ?? [],
    userName: saved.userName ?? '',
    secret: '',
  };
}

export function vsphereBody(values: VsphereValues): VmwareCredentials {
  return {
    ...commonBody(values),
    cloudCredentialsType: 'VmwareCloudCredentials',
    provider: 'vmware',
    url: values.url.trim(),
    linkedVCenters: values.linkedVCenters.map((it) => it.trim()),
    userName: values.userName.trim(),
    // An empty password is left away: when credentials are changed the stored one stays.
    ...(values.secret ? { password: values.secret } : {}),
  };
}

export function vsphereErrors(values: VsphereValues, needsSecret = true): Errors {
  const errors: Errors = nameErrors(values);
  const url = urlError(values.url, 'https://vcenter.example');
  if (url) errors.url = url;
  const seen = new Set([originOf(values.url)]);
  values.linkedVCenters.forEach((linked, index) => {
    const wrong = urlError(linked, 'https://vcenter2.example');
    const origin = originOf(linked);
    if (wrong) errors[`linkedVCenters.${index}`] = wrong;
    else if (seen.has(origin)) errors[`linkedVCenters.${index}`] = `${origin} is named twice`;
    seen.add(origin);
  });
  if (!values.userName.trim()) errors.userName = 'Enter the user name, such as stackyard@vsphere.local';
  if (needsSecret && !values.secret) errors.secret = 'Enter the password';
  return { ...errors, ...trustErrors(values) };
}

const originOf = (typed: string) => (URL.canParse(typed.trim()) ? new URL(typed.trim()).origin : typed);

import type { CloudCredentials } from '../api/cloud-credentials';

/** What both kinds of cloud credentials have in their forms. Everything typed is text until it is sent. */
export type CommonValues = {
  name: string;
  description: string;
  sslVerification: boolean;
  caCertificate: string;
  /** One a line. */
  certificateFingerprints: string;
  allowedUses: ('inventory' | 'provision')[];
};
export type Errors = Record<string, string>;

export const emptyCommon: CommonValues = {
  name: '',
  description: '',
  sslVerification: true,
  caCertificate: '',
  certificateFingerprints: '',
  allowedUses: ['inventory', 'provision'],
};

export function commonValues(saved: CloudCredentials): CommonValues {
  return {
    name: saved.name ?? '',
    description: saved.description ?? '',
    sslVerification: saved.sslVerification ?? true,
    caCertificate: saved.caCertificate ?? '',
    certificateFingerprints: (saved.certificateFingerprints ?? []).join('\n'),
    allowedUses: saved.allowedUses ?? emptyCommon.allowedUses,
  };
}

/** For the server `null` takes a field away, so that what was emptied in a form does not stay. */
export function commonBody(values: CommonValues) {
  const pins = lines(values.certificateFingerprints);
  return {
    name: values.name.trim(),
    description: values.description.trim(),
    sslVerification: values.sslVerification,
    caCertificate: orNull(values.caCertificate),
    certificateFingerprints: pins.length > 0 ? pins : null,
    allowedUses: values.allowedUses,
  };
}

/** In the order of the form, so that the first is the one to go to. */
export function nameErrors(values: CommonValues): Errors {
  return values.name.trim() ? {} : { name: 'Enter a name, such as the name of the cloud' };
}

export function trustErrors(values: CommonValues): Errors {
  const errors: Errors = {};
  if (values.caCertificate.trim() && !/-----BEGIN CERTIFICATE-----/.test(values.caCertificate))
    errors.caCertificate = 'Paste the certificate as PEM: it begins with -----BEGIN CERTIFICATE-----';
  const wrong = lines(values.certificateFingerprints).find(
    (it) => !/^[\da-f]{64}$/i.test(it.replaceAll(':', '')),
  );
  if (wrong) errors.certificateFingerprints = `“${wrong}” is not a SHA-256: it has 64 hexadecimal digits`;
  if (values.allowedUses.length === 0) errors.allowedUses = 'Choose at least one use';
  return errors;
}

export function urlError(typed: string, example: string): string | undefined {
  const text = typed.trim();
  if (!text) return `Enter the URL, such as ${example}`;
  if (!/^https?:\/\//i.test(text)) return `The URL begins with https:// or http://, such as ${example}`;
  if (!URL.canParse(text)) return `This is not a URL, such as ${example}`;
  const url = new URL(text);
  if (url.username || url.password)
    return 'The URL holds a user name or a password; enter them in their own fields';
  return url.search || url.hash ? `The URL may not have a part after ? or #, such as ${example}` : undefined;
}

export const orNull = (text: string) => text.trim() || null;
export const lines = (text: string) =>
  text
    .split('\n')
    .map((it) => it.trim())
    .filter(Boolean);

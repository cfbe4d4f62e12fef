import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

import type { CloudCredentials, OpenstackCredentials, VmwareCredentials } from '../../api/cloud-credentials';
import { Copy } from '../../parts/Copy';

const LOGIN: Record<NonNullable<OpenstackCredentials['authType']>, string> = {
  password: 'password',
  applicationCredential: 'application credential',
  token: 'token',
};

/** Endpoint, identity and trust. The secret itself is never told. */
export function CredentialFacts({ credentials }: { credentials: CloudCredentials }) {
  const pins = credentials.certificateFingerprints ?? [];
  return (
    <>
      {'url' in credentials ? (
        <Vsphere credentials={credentials} />
      ) : (
        <Openstack credentials={credentials as OpenstackCredentials} />
      )}
      <dt>Secret</dt>
      <dd>stored encrypted, never shown</dd>
      <dt>SSL verification</dt>
      <dd>
        {credentials.sslVerification
          ? 'on: certificates must be trusted'
          : pins.length > 0
            ? 'off, but only pinned certificates are accepted'
            : 'off: any certificate is accepted'}
      </dd>
      {credentials.caCertificate && (
        <>
          <dt>CA certificate</dt>
          <dd>
            of your own <Copy value={credentials.caCertificate} what="the CA certificate" />
          </dd>
        </>
      )}
      {pins.length > 0 && (
        <>
          <dt>Pinned</dt>
          <dd>
            {pins.map((pin) => (
              <Text key={pin} size="xs" className="mono">
                {pin}
              </Text>
            ))}
          </dd>
        </>
      )}
      <dt>Allowed uses</dt>
      <dd>{(credentials.allowedUses ?? []).join(', ')}</dd>
    </>
  );
}

function Vsphere({ credentials }: { credentials: VmwareCredentials }) {
  return (
    <>
      <Fact name="URL" value={<span className="mono">{credentials.url}</span>} />
      <Fact
        name="Linked vCenters"
        value={credentials.linkedVCenters?.map((it) => (
          <div key={it} className="mono">
            {it}
          </div>
        ))}
        isThere={Boolean(credentials.linkedVCenters?.length)}
      />
      <Fact name="User name" value={credentials.userName} />
    </>
  );
}

function Openstack({ credentials: it }: { credentials: OpenstackCredentials }) {
  const facts: [string, string | null | undefined][] = [
    ['Login by', LOGIN[it.authType ?? 'password']],
    ['Domain', it.domainName],
    ['User name', it.userName],
    ['User id', it.userId],
    ['User domain', it.userDomainName ?? it.userDomainId],
    ['Application credential', it.applicationCredentialName ?? it.applicationCredentialId],
    ['Project (tenant)', it.tenantName],
    ['Project id', it.projectId],
    ['Project domain', it.projectDomainName ?? it.projectDomainId],
    ['Region', it.region ?? 'all of the catalog'],
    ['Interface', it.interface ?? 'public'],
  ];
  return (
    <>
      <Fact name="Keystone URL" value={<span className="mono">{it.keystoneUrl}</span>} />
      {facts.map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
    </>
  );
}

function Fact({
  name,
  value,
  isThere = Boolean(value),
}: {
  name: string;
  value: ReactNode;
  isThere?: boolean;
}) {
  if (!isThere) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

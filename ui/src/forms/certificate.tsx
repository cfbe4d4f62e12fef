import { Alert, Button, Checkbox, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCertificate } from '@tabler/icons-react';
import { useState } from 'react';

import type { Validation } from '../api/client';
import { Copy } from '../parts/Copy';
import { When } from '../parts/When';

/** What the server says of a certificate that it did not trust. */
export type Certificate = {
  target: string;
  reason: string;
  subject: string;
  issuer: string;
  from: string;
  to: string;
  fingerprint: string;
};

const REFUSED =
  /is not trusted: (.*) \(subject "(.*)", issuer "(.*)", valid from (\S+) to (\S+), SHA-256 ((?:[\dA-F]{2}:){31}[\dA-F]{2})\)/s;

/** The certificates that were refused in a run, each once. */
export function untrusted(validation: Validation): Certificate[] {
  const found = new Map<string, Certificate>();
  for (const check of validation.checks) {
    if (!check.id.endsWith('.tls') || check.status !== 'failed') continue;
    const [, reason, subject, issuer, from, to, fingerprint] = REFUSED.exec(check.detail) ?? [];
    if (!reason || !subject || !issuer || !from || !to || !fingerprint) continue;
    found.set(fingerprint, { target: check.target, reason, subject, issuer, from, to, fingerprint });
  }
  return [...found.values()];
}

/** Shows certificates that are not trusted, and pins those whose fingerprint somebody has compared. */
export function CertificatePrompt({
  certificates,
  onPin,
  isBusy = false,
}: {
  certificates: Certificate[];
  onPin: (fingerprints: string[]) => void;
  isBusy?: boolean;
}) {
  const [compared, setCompared] = useState<string[]>([]);
  const isOne = certificates.length === 1;
  return (
    <Alert
      color="orange"
      className="certificate"
      styles={{ body: { minWidth: 0 } }}
      variant="light"
      icon={<IconCertificate aria-hidden />}
      title={
        <Title order={2} size="h5" c="var(--mantine-color-text)">
          {isOne ? 'This certificate is not trusted' : 'These certificates are not trusted'}
        </Title>
      }
    >
      <Stack gap="sm">
        <Text size="sm">
          Ask whoever runs the cloud for the SHA-256 fingerprint, on another way than this connection. If it
          is the same, pin the certificate; it is then accepted as it is, also after it has expired. If an
          authority of your own has signed it, rather paste that authority's certificate into “CA
          certificate”.
        </Text>
        {certificates.map((it) => (
          <Paper key={it.fingerprint} withBorder p="sm">
            <dl className="facts">
              <dt>From</dt>
              <dd className="mono">{it.target}</dd>
              <dt>Reason</dt>
              <dd>{it.reason}</dd>
              <dt>Subject</dt>
              <dd>{it.subject}</dd>
              <dt>Issuer</dt>
              <dd>{it.issuer === it.subject ? `${it.issuer} (itself)` : it.issuer}</dd>
              <dt>Valid from</dt>
              <dd>
                <time dateTime={it.from}>{it.from}</time> (<When at={it.from} />)
              </dd>
              <dt>Valid to</dt>
              <dd>
                <time dateTime={it.to}>{it.to}</time> (<When at={it.to} />)
              </dd>
              <dt>SHA-256</dt>
              <dd className="mono">
                {it.fingerprint} <Copy value={it.fingerprint} what="the fingerprint" />
              </dd>
            </dl>
            <Checkbox
              mt="sm"
              label="I compared the fingerprint"
              aria-label={isOne ? undefined : `I compared the fingerprint of ${it.target}`}
              checked={compared.includes(it.fingerprint)}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                setCompared((before) =>
                  checked ? [...before, it.fingerprint] : before.filter((other) => other !== it.fingerprint),
                );
              }}
            />
          </Paper>
        ))}
        <Group>
          <Button
            disabled={compared.length === 0}
            loading={isBusy}
            onClick={() =>
              onPin(certificates.map((it) => it.fingerprint).filter((it) => compared.includes(it)))
            }
          >
            {isOne ? 'Pin this certificate' : 'Pin what was compared'}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

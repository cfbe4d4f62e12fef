import { Alert, Button, Checkbox, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCertificate } from '@tabler/icons-react';
import { useState } from 'react';

import { sentence, type Schemas, type Validation } from '../api/client';
import { Copy } from '../parts/Copy';
import { When } from '../parts/When';

type Untrusted = Schemas['Certificate'] & { target: string };

/** The certificates that were refused in a run, each once. */
export function untrusted(validation: Validation): Untrusted[] {
  const found = new Map<string, Untrusted>();
  for (const { certificate, status, target } of validation.checks)
    if (certificate && status === 'failed') found.set(certificate.sha256, { ...certificate, target });
  return [...found.values()];
}

/** Shows certificates that are not trusted, and pins those whose fingerprint somebody has compared. */
export function CertificatePrompt({
  certificates,
  onPin,
  isBusy = false,
}: {
  certificates: Untrusted[];
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
          <Paper key={it.sha256} withBorder p="sm">
            <dl className="facts">
              <dt>From</dt>
              <dd className="mono">{it.target}</dd>
              <dt>Reason</dt>
              <dd>{sentence(it.reason)}</dd>
              <dt>Subject</dt>
              <dd>{it.subject}</dd>
              <dt>Issuer</dt>
              <dd>{it.issuer === it.subject ? `${it.issuer} (itself)` : it.issuer}</dd>
              <dt>Valid from</dt>
              <dd>
                <Moment at={it.notBefore} />
              </dd>
              <dt>Valid to</dt>
              <dd>
                <Moment at={it.notAfter} />
              </dd>
              <dt>SHA-256</dt>
              <dd className="mono">
                {it.sha256} <Copy value={it.sha256} what="the fingerprint" />
              </dd>
            </dl>
            <Checkbox
              mt="sm"
              label="I compared the fingerprint"
              aria-label={isOne ? undefined : `I compared the fingerprint of ${it.target}`}
              checked={compared.includes(it.sha256)}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                setCompared((before) =>
                  checked ? [...before, it.sha256] : before.filter((other) => other !== it.sha256),
                );
              }}
            />
          </Paper>
        ))}
        <Group>
          <Button
            disabled={compared.length === 0}
            loading={isBusy}
            onClick={() => onPin(certificates.map((it) => it.sha256).filter((it) => compared.includes(it)))}
          >
            {isOne ? 'Pin this certificate' : 'Pin what was compared'}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

/** As the certificate has it, and how far away that is. */
function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return 'unreadable';
  return (
    <>
      <time dateTime={at}>{at}</time> (<When at={at} />)
    </>
  );
}

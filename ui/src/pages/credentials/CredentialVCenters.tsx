import { Stack, Text } from '@mantine/core';

import type { VcenterDetails } from '../../api/cloud-credentials';
import { Copy } from '../../parts/Copy';
import { CredentialSection } from './CredentialSection';

/** What each vCenter says of itself. */
export function CredentialVCenters({ vcenters }: { vcenters: VcenterDetails[] }) {
  return (
    <CredentialSection title="Cloud details">
      <Stack>
        {vcenters.map((it) => (
          <div key={it.url}>
            <Text size="sm" fw={600} className="truncate" title={it.url}>
              {it.url}
            </Text>
            <dl className="facts">
              <dt>API type</dt>
              <dd>{it.apiType ?? '–'}</dd>
              <dt>API version</dt>
              <dd>{it.apiVersion ?? '–'}</dd>
              <dt>Product</dt>
              <dd>{it.fullName ?? '–'}</dd>
              <dt>Instance UUID</dt>
              <dd>
                <span className="mono">{it.instanceUuid ?? '–'}</span>{' '}
                {it.instanceUuid && <Copy value={it.instanceUuid} what="the instance UUID" />}
              </dd>
            </dl>
          </div>
        ))}
      </Stack>
    </CredentialSection>
  );
}

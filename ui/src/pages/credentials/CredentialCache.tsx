import { Alert, Button, Loader, Text } from '@mantine/core';
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';

import { countQuery, isVsphere, locationsQuery, syncsQuery } from '../../api/clouds';
import { type CloudCredentials, useClearCache } from '../../api/cloud-credentials';
import { useScope } from '../../api/scope';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';
import { LastSync, SyncState } from '../clouds/LastSync';
import { CredentialSection } from './CredentialSection';

/** What is kept of the cloud, how old it is, and the button that has it read anew. */
export function CredentialCache({ credentials }: { credentials: CloudCredentials }) {
  const scope = useScope();
  const queries = useQueryClient();
  const clear = useClearCache(scope, credentials.id ?? '');
  const provider = credentials.provider ?? '';
  // The inventory belongs to the credentials; any environment that is linked sees the same.
  const envId = credentials.usedBy?.[0]?.id;
  return (
    <CredentialSection
      title="Cache"
      actions={
        <Button
          size="xs"
          variant="default"
          loading={clear.isPending}
          aria-label="Clear the cache"
          onClick={() =>
            clear.mutate(undefined, {
              onSuccess: () =>
                Promise.all(
                  ['inventory', 'syncs'].map((topic) => queries.invalidateQueries({ queryKey: [topic] })),
                ),
            })
          }
        >
          Clear
        </Button>
      }
    >
      <Text size="sm" c="dimmed">
        {isVsphere(provider)
          ? 'What was read of the vCenters is kept and read again every few minutes. Clearing reads all of it now.'
          : 'Instance types (flavors) are kept for a day, unless the configuration says otherwise. If the cloud has others now, clear the cache and they are read again.'}
      </Text>
      {envId === undefined ? (
        <Text size="sm">No environment uses these credentials, so nothing is read through them.</Text>
      ) : (
        <Age envId={envId} provider={provider} />
      )}
      <ErrorNotice error={clear.error} title="The cache was not cleared" />
      {clear.data && (
        <Alert color="teal" role="status" title="The cache is cleared">
          <Text size="sm">
            {clear.data.nDropped === 1 ? '1 instance type was' : `${clear.data.nDropped} instance types were`}{' '}
            dropped.
          </Text>
          {clear.data.syncId && envId !== undefined && (
            <Started envId={envId} provider={provider} id={clear.data.syncId} />
          )}
        </Alert>
      )}
    </CredentialSection>
  );
}

function Age({ envId, provider }: { envId: number; provider: string }) {
  const locations = useQuery({ ...locationsQuery(envId, provider), enabled: !isVsphere(provider) });
  // The sizes of vSphere are defined here; there is nothing of them to read.
  const regions = isVsphere(provider) ? [] : (locations.data ?? []);
  const types = useQueries({
    queries: regions.map((it) => countQuery(envId, provider, it.cloudLocation, 'instance-types')),
  });
  return (
    <dl className="facts">
      <dt>Last read</dt>
      <dd>
        <LastSync envId={envId} platform={provider} />
      </dd>
      {locations.error && (
        <>
          <dt>Instance types</dt>
          <dd>{locations.error.message}</dd>
        </>
      )}
      {regions.map((it, index) => {
        const { data, error } = types[index] ?? {};
        return (
          <TypesOf key={it.cloudLocation} name={it.name} error={error ?? null}>
            {data && (
              <>
                {data.total} instance types, <When at={data.freshness?.observedAt} />
              </>
            )}
          </TypesOf>
        );
      })}
    </dl>
  );
}

function TypesOf({
  name,
  error,
  children,
}: {
  name: string;
  error: Error | null;
  children: React.ReactNode;
}) {
  return (
    <>
      <dt className="truncate" title={name}>
        {name}
      </dt>
      <dd>{error ? error.message : (children ?? <Loader size="xs" aria-label="Loading" />)}</dd>
    </>
  );
}

function Started({ envId, provider, id }: { envId: number; provider: string; id: string }) {
  const { data: syncs } = useQuery(syncsQuery(envId, provider));
  const sync = syncs?.find((it) => it.id === id);
  return (
    <Text size="sm" component="div">
      Synchronisation <span className="mono">{id}</span>
      {sync && <SyncState sync={sync} />}
    </Text>
  );
}

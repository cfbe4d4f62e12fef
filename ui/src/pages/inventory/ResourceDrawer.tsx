import { Anchor, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { isVsphere } from '../../api/clouds';
import { type Noun, type Place, resourceQuery, type ResourceNoun } from '../../api/inventory';
import { scopeSegment } from '../../api/scope';
import { Copy } from '../../parts/Copy';
import { When } from '../../parts/When';
import { AttributeList } from './AttributeList';
import { Details, Section } from './Details';
import { FreeSpace } from './FreeSpace';
import type { View } from './nouns';
import { bytes } from './units';
import { useNames } from './useNames';

type Props = { place: Place; noun: ResourceNoun; id: string | undefined; onClose: () => void };

const CONTAINERS: ResourceNoun[] = [
  'clusters',
  'resource-pools',
  'folders',
  'hosts',
  'storage-pods',
  'datastores',
];
/** `by`: what the page of the other list calls this one. */
type Inside = { noun: Noun | View; label: string; by?: string };
const INSIDE: Partial<Record<ResourceNoun, Inside>> = {
  hosts: { noun: 'machines', label: 'Machines on this host' },
  'availability-zones': { noun: 'machines', label: 'Machines in this availability zone' },
  clusters: { noun: 'hosts', label: 'Hosts of this cluster' },
  folders: { noun: 'cloud-images', label: 'Templates in this folder' },
  'storage-pods': { noun: 'datastores', label: 'Datastores of this storage pod' },
  datastores: { noun: 'datastore-files', label: 'Files of this datastore', by: 'datastore' },
};

/** All that is known of an image, a network, a host and so on. */
export function ResourceDrawer({ place, noun, id, onClose }: Props) {
  const isOpen = id !== undefined;
  const query = useQuery({ ...resourceQuery(place, noun, id ?? ''), enabled: isOpen });
  const nameOf = useNames(place, isOpen && isVsphere(place.cloudPlatform) ? CONTAINERS : []);
  const row = isOpen ? query.data : undefined;
  const inside = INSIDE[noun];
  return (
    <Details
      isOpen={isOpen}
      title={row?.name ?? id ?? ''}
      onClose={onClose}
      isLoading={query.isPending}
      error={query.error}
      retry={() => void query.refetch()}
    >
      {row && (
        <>
          <dl className="facts">
            <dt>{isVsphere(place.cloudPlatform) ? 'MoRef' : 'ID'}</dt>
            <dd>
              <Group gap={4} wrap="nowrap">
                <span className="mono">{row.id}</span>
                <Copy value={row.id} what="the ID" />
              </Group>
            </dd>
            {row.status && (
              <>
                <dt>Status</dt>
                <dd>{row.status}</dd>
              </>
            )}
            {row.parent && (
              <>
                <dt>In</dt>
                <dd>{nameOf(row.parent) ?? row.parent}</dd>
              </>
            )}
            {typeof row.freeBytes === 'number' ? (
              <>
                <dt>Free space</dt>
                <dd>
                  <FreeSpace capacity={row.capacityBytes} free={row.freeBytes} />
                </dd>
              </>
            ) : (
              typeof row.capacityBytes === 'number' && (
                <>
                  <dt>Size</dt>
                  <dd>{bytes(row.capacityBytes)}</dd>
                </>
              )
            )}
            <AttributeList attributes={row.attributes} except={['status']} nameOf={nameOf} />
          </dl>
          {inside && (
            <Anchor
              component={Link}
              to="/$scope/inventory/$cloud/$location/$noun"
              params={
                {
                  scope: scopeSegment({ kind: 'environment', id: place.envId }),
                  cloud: place.cloudPlatform,
                  location: place.cloudLocation,
                  noun: inside.noun,
                } as never
              }
              search={{ [inside.by ?? 'parent']: row.id } as never}
              size="sm"
            >
              {inside.label}
            </Anchor>
          )}
          <Times of={row} />
        </>
      )}
    </Details>
  );
}

type Seen = { createdAt?: string | null; firstSeenAt: string; changedAt: string; observedAt: string };

export function Times({ of }: { of: Seen }) {
  return (
    <Section title="Times">
      <dl className="facts">
        {of.createdAt && (
          <>
            <dt>Created</dt>
            <dd>
              <When at={of.createdAt} />
            </dd>
          </>
        )}
        <dt>First seen</dt>
        <dd>
          <When at={of.firstSeenAt} />
        </dd>
        <dt>Changed</dt>
        <dd>
          <When at={of.changedAt} />
        </dd>
        <dt>Observed</dt>
        <dd>
          <When at={of.observedAt} />
        </dd>
      </dl>
    </Section>
  );
}

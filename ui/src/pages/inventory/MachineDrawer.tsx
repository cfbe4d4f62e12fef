import { Anchor, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { isVsphere } from '../../api/clouds';
import { type Machine, machineQuery, type Place, type ResourceNoun } from '../../api/inventory';
import { scopeSegment } from '../../api/scope';
import { Copy } from '../../parts/Copy';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { text, texts } from './attributes';
import { AttributeList } from './AttributeList';
import type { NameOf } from './columns';
import { Details, Section } from './Details';
import { MachineAddress } from './MachineAddress';
import type { View } from './nouns';
import { Times } from './ResourceDrawer';
import { mib, nOf } from './units';
import { useNames } from './useNames';

type Props = { place: Place; id: string | undefined; onClose: () => void };

const CONTAINERS: ResourceNoun[] = ['hosts', 'resource-pools', 'folders', 'datastores'];
/** Told in “Where it runs”. */
const WHERE = ['resourcePool', 'folder', 'datastores', 'hostId'];

/** All that is known of a machine, and whether it can be connected to. */
export function MachineDrawer({ place, id, onClose }: Props) {
  const isOpen = id !== undefined;
  const query = useQuery({ ...machineQuery(place, id ?? ''), enabled: isOpen });
  const nameOf = useNames(place, isOpen && isVsphere(place.cloudPlatform) ? CONTAINERS : []);
  const machine = isOpen ? query.data : undefined;
  return (
    <Details
      isOpen={isOpen}
      title={machine?.name ?? id ?? ''}
      onClose={onClose}
      isLoading={query.isPending}
      error={query.error}
      retry={() => void query.refetch()}
    >
      {machine && (
        <>
          <Facts machine={machine} isVm={isVsphere(place.cloudPlatform)} />
          <MachineAddress place={place} machine={machine} />
          {isVsphere(place.cloudPlatform) && (
            <Anchor
              component={Link}
              to="/$scope/inventory/$cloud/$location/$noun"
              params={
                {
                  scope: scopeSegment({ kind: 'environment', id: place.envId }),
                  cloud: place.cloudPlatform,
                  location: place.cloudLocation,
                  noun: 'cloud-events' satisfies View,
                } as never
              }
              search={{ machine: machine.id } as never}
              size="sm"
            >
              Events of this machine
            </Anchor>
          )}
          <Section title="Where it runs">
            <Where machine={machine} isVm={isVsphere(place.cloudPlatform)} nameOf={nameOf} />
          </Section>
          <Times of={machine} />
          <Section title="As the cloud tells it">
            <dl className="facts">
              <AttributeList attributes={machine.attributes} except={WHERE} nameOf={nameOf} />
            </dl>
          </Section>
        </>
      )}
    </Details>
  );
}

function Facts({ machine, isVm }: { machine: Machine; isVm: boolean }) {
  const size = [
    machine.instanceType,
    typeof machine.vcpus === 'number' && nOf(machine.vcpus, 'vCPU'),
    typeof machine.memoryMib === 'number' && mib(machine.memoryMib),
  ].filter(Boolean);
  return (
    <dl className="facts">
      <dt>Power</dt>
      <dd>
        <Group gap={8}>
          <Status value={machine.powerState} />
          <span>the cloud says {machine.status}</span>
        </Group>
      </dd>
      <dt>Size</dt>
      <dd>{size.join(', ') || 'not told'}</dd>
      <Id label={isVm ? 'MoRef' : 'ID'} value={machine.id} />
      {machine.instanceUuid && machine.instanceUuid !== machine.id && (
        <Id label="Instance UUID" value={machine.instanceUuid} />
      )}
      {machine.duplicates.length > 0 && (
        <>
          <dt>Conflict</dt>
          <dd>
            {machine.duplicates.map((it) => (
              <div key={`${it.cloudLocation} ${it.id}`}>
                {it.name} (<span className="mono">{it.id}</span> at{' '}
                <span className="mono">{it.cloudLocation}</span>, seen <When at={it.observedAt} />) has the
                same instance UUID
              </div>
            ))}
            <div>Give one of them another in its vCenter, so that each can be followed when it moves.</div>
          </dd>
        </>
      )}
    </dl>
  );
}

function Id({ label, value }: { label: string; value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Group gap={4} wrap="nowrap">
          <span className="mono">{value}</span>
          <Copy value={value} what={`the ${label}`} />
        </Group>
      </dd>
    </>
  );
}

function Where({ machine, isVm, nameOf }: { machine: Machine; isVm: boolean; nameOf: NameOf }) {
  const named = (id: string | null | undefined) => (id ? (nameOf(id) ?? id) : 'not told');
  if (!isVm)
    return (
      <dl className="facts">
        <dt>Availability zone</dt>
        <dd>{machine.runsOn ?? 'not told'}</dd>
        <dt>Host ID</dt>
        <dd className="mono">{text(machine, 'hostId') ?? 'not told'}</dd>
      </dl>
    );
  return (
    <dl className="facts">
      <dt>Host</dt>
      <dd>{named(machine.runsOn)}</dd>
      <dt>Resource pool</dt>
      <dd>{named(text(machine, 'resourcePool'))}</dd>
      <dt>Folder</dt>
      <dd>{named(text(machine, 'folder'))}</dd>
      <dt>Datastores</dt>
      <dd>
        {texts(machine, 'datastores')
          .map((it) => named(it))
          .join(', ') || 'none'}
      </dd>
    </dl>
  );
}

import { useMemo } from 'react';

import { isVsphere } from '../../api/clouds';
import {
  type InstanceType,
  type Machine,
  machinesOf,
  type Place,
  type Resource,
  type ResourceNoun,
  resourcesOf,
  sizesOf,
} from '../../api/inventory';
import { useListState } from './address';
import { type InventoryColumn, words } from './columns';
import { InventoryTable } from './InventoryTable';
import { machineColumns, sizeColumns } from './machine-columns';
import type { Kind } from './nouns';
import { openstackColumns } from './openstack-columns';
import { RowLink } from './RowLink';
import { useNames } from './useNames';
import { vsphereColumns } from './vsphere-columns';

type Props = { kind: Kind; place: Place; locationName: string };

/** What things name by id only, by the noun of the things. */
const NAMED: Partial<Record<Kind['noun'], ResourceNoun[]>> = {
  machines: ['hosts', 'resource-pools', 'folders', 'datastores'],
  hosts: ['clusters'],
  'cloud-images': ['folders', 'hosts'],
  'resource-pools': ['clusters', 'resource-pools'],
  folders: ['folders'],
  datastores: ['storage-pods'],
};

export function MachineList(props: Props) {
  const { kind, place } = props;
  const [{ q, power, status, address, parent, sort = 'name' }] = useListState();
  const nameOf = useNames(place, namedBy(kind, place));
  const columns = useMemo(
    () => [opening<Machine>(), ...machineColumns(place.cloudPlatform, nameOf)],
    [place, nameOf],
  );
  const listing = useMemo(
    () =>
      machinesOf(place, {
        nameContains: q,
        powerState: power,
        status,
        address,
        runsOn: parent,
        // The server says what is wrong with one that it does not know.
        sort: sort as 'name',
      }),
    [place, q, power, status, address, parent, sort],
  );
  return (
    <InventoryTable
      {...props}
      listing={listing}
      columns={columns}
      rowKey={idOf}
      whenEmpty="All machines that these credentials see are listed here, whoever made them. Refresh after you made one."
    />
  );
}

export function ResourceList(props: Props & { noun: ResourceNoun }) {
  const { kind, place, noun } = props;
  const [{ q, status, parent, sort = 'name' }] = useListState();
  const nameOf = useNames(place, namedBy(kind, place));
  const columns = useMemo(
    () => [
      opening<Resource>(),
      ...(isVsphere(place.cloudPlatform) ? vsphereColumns(noun, nameOf) : openstackColumns(noun)),
    ],
    [place, noun, nameOf],
  );
  const listing = useMemo(
    () => resourcesOf(place, noun, { nameContains: q, status, parent, sort: sort as 'name' }),
    [place, noun, q, status, parent, sort],
  );
  return (
    <InventoryTable
      {...props}
      listing={listing}
      columns={columns}
      rowKey={idOf}
      whenEmpty={`These credentials see no ${kind.label.toLowerCase()} here. Refresh after you made one in the cloud.`}
    />
  );
}

/** Flavors of the region, or the sizes that are defined here for every vSphere. */
export function SizeList(props: Props) {
  const { place } = props;
  const [{ q, sort = 'name' }] = useListState();
  const columns = useMemo(
    () => [
      words<InstanceType>('name', 'Name', (row) => row.name, { sort: 'name' }),
      ...sizeColumns(place.cloudPlatform),
    ],
    [place],
  );
  const listing = useMemo(() => sizesOf(place, { name: q, sort: sort as 'name' }), [place, q, sort]);
  return (
    <InventoryTable
      {...props}
      listing={listing}
      columns={columns}
      rowKey={idOf}
      whenEmpty={
        isVsphere(place.cloudPlatform)
          ? 'vSphere has none of its own: they are defined under “Instance sizes” of the Scalr scope.'
          : 'The region publishes no flavors to these credentials.'
      }
    />
  );
}

function namedBy(kind: Kind, place: Place): ResourceNoun[] {
  return isVsphere(place.cloudPlatform) ? (NAMED[kind.noun] ?? []) : [];
}

function opening<T extends { id: string; name: string }>(): InventoryColumn<T> {
  return words<T>('name', 'Name', (row) => row.name, {
    sort: 'name',
    show: (name, row) => <RowLink id={row.id} name={name} />,
  });
}

function idOf(row: { id: string }): string {
  return row.id;
}

import { memo } from 'react';

import { isVsphere } from '../../api/clouds';
import type { InstanceType, Machine } from '../../api/inventory';
import { Status } from '../../parts/Status';
import { text, texts } from './attributes';
import { amount, type InventoryColumn, type NameOf, seen, time, words } from './columns';
import { count, gib, mib } from './units';

export function machineColumns(platform: string, nameOf: NameOf): InventoryColumn<Machine>[] {
  return isVsphere(platform) ? vsphere(nameOf) : openstack();
}

/** Drawn once for each row while one scrolls through thousands. */
const Power = memo(Status);
const power = words<Machine>('powerState', 'Power', (row) => row.powerState, {
  sort: 'powerState',
  show: (state) => <Power value={state} />,
});
const size = [
  amount<Machine>('vcpus', 'vCPUs', (row) => row.vcpus, { sort: 'vcpus' }),
  amount<Machine>('memoryMib', 'Memory', (row) => row.memoryMib, { sort: 'memoryMib', unit: mib }),
];
const address: InventoryColumn<Machine> = {
  ...words<Machine>('connectionAddress', 'Connection address', (row) => row.connectionAddress),
  // Why there is none is a question that the list raises.
  text: (row) => row.connectionAddress ?? row.noAddressBecause ?? '',
  cell: (row) =>
    row.connectionAddress ? <span className="mono">{row.connectionAddress}</span> : <span>none</span>,
};
const addresses = words<Machine>(
  'addresses',
  'All addresses',
  (row) => row.addresses.map((it) => it.ip).join(', '),
  { isExtra: true },
);

function openstack(): InventoryColumn<Machine>[] {
  return [
    power,
    words('status', 'Status', (row) => row.status, { sort: 'status' }),
    words('instanceType', 'Instance type', (row) => row.instanceType, { sort: 'instanceType' }),
    ...size,
    address,
    words('runsOn', 'Availability zone', (row) => row.runsOn, { sort: 'runsOn' }),
    time('createdAt', 'Created', (row) => row.createdAt),
    addresses,
    words('keyName', 'Keypair', (row) => text(row, 'keyName'), { isExtra: true }),
    words('securityGroups', 'Security groups', (row) => texts(row, 'securityGroups').join(', '), {
      isExtra: true,
    }),
    words('taskState', 'Task', (row) => text(row, 'taskState'), { isExtra: true }),
    words('fault', 'Fault', (row) => text(row, 'fault'), { isExtra: true }),
    words('id', 'ID', (row) => row.id, { sort: 'id', isExtra: true }),
    ...seen<Machine>(),
  ];
}

function vsphere(nameOf: NameOf): InventoryColumn<Machine>[] {
  const named = (id: string | null | undefined) => nameOf(id) ?? id;
  return [
    power,
    ...size,
    words('guestFullName', 'Guest system', (row) => text(row, 'guestFullName')),
    address,
    words('runsOn', 'Host', (row) => named(row.runsOn)),
    words('resourcePool', 'Resource pool', (row) => named(text(row, 'resourcePool')), { isExtra: true }),
    words('folder', 'Folder', (row) => named(text(row, 'folder')), { isExtra: true }),
    words(
      'datastores',
      'Datastores',
      (row) =>
        texts(row, 'datastores')
          .map((it) => named(it))
          .join(', '),
      { isExtra: true },
    ),
    words('guestHostName', 'Guest host name', (row) => text(row, 'guestHostName'), { isExtra: true }),
    words('guestToolsRunningStatus', 'Guest tools', (row) => text(row, 'guestToolsRunningStatus'), {
      isExtra: true,
    }),
    words('overallStatus', 'Health', (row) => text(row, 'overallStatus'), { isExtra: true }),
    words('connectionState', 'Connection to vCenter', (row) => text(row, 'connectionState'), {
      isExtra: true,
    }),
    addresses,
    words('id', 'MoRef', (row) => row.id, { sort: 'id', isExtra: true }),
    words('instanceUuid', 'Instance UUID', (row) => row.instanceUuid, { isExtra: true }),
    ...seen<Machine>(),
  ];
}

/** OpenStack flavors, or the sizes that are defined here for vSphere. */
export function sizeColumns(platform: string): InventoryColumn<InstanceType>[] {
  return [
    amount('vcpus', 'vCPUs', (row) => row.vcpus, { sort: 'vcpus' }),
    amount('memory', 'Memory', (row) => row.memory, { sort: 'memory', unit: gib }),
    isVsphere(platform)
      ? amount<InstanceType>('coresPerSocket', 'Cores per socket', (row) => row.coresPerSocket)
      : amount<InstanceType>('storage', 'Disk', (row) => row.storage, { unit: (n) => `${count(n)} GiB` }),
    words('id', 'ID', (row) => row.id, { sort: 'id' }),
  ];
}

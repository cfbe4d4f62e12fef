import type { Resource, ResourceNoun } from '../../api/inventory';
import { Status } from '../../parts/Status';
import { flag, number, part, parts, text, texts, textOf } from './attributes';
import { amount, type InventoryColumn, type NameOf, seen, size, time, words, yesNo } from './columns';
import { FreeSpace } from './FreeSpace';
import { bytes, count, mib } from './units';

type Columns = InventoryColumn<Resource>[];

const mhz = (n: number) => (n >= 10_000 ? `${(n / 1000).toFixed(1)} GHz` : `${count(n)} MHz`);
const health = words<Resource>('status', 'Health', (row) => row.status, { sort: 'status' });

const networks: Columns = [
  words('kind', 'Kind', (row) => text(row, 'kind')),
  words('switch', 'Switch', (row) => textOf(part(row, 'switch')?.name)),
  words('vlan', 'VLAN', vlan),
  yesNo('accessible', 'Accessible', (row) => flag(row, 'accessible')),
  yesNo('isUplink', 'Uplink', (row) => flag(row, 'isUplink')),
  health,
];

const clusters: Columns = [
  words('kind', 'Kind', (row) => (flag(row, 'isCluster') ? 'cluster' : 'host alone')),
  health,
  amount('hostCount', 'Hosts', (row) => number(row, 'hostCount')),
  amount('cpuCores', 'CPU cores', (row) => number(row, 'cpuCores')),
  amount('totalCpuMhz', 'CPU', (row) => number(row, 'totalCpuMhz'), { unit: mhz }),
  size('totalMemoryBytes', 'Memory', (row) => number(row, 'totalMemoryBytes')),
  yesNo('drsEnabled', 'DRS', (row) => flag(row, 'drsEnabled')),
  yesNo('haEnabled', 'HA', (row) => flag(row, 'haEnabled')),
  amount('vmCount', 'Machines', (row) => number(row, 'vmCount'), { isExtra: true }),
  amount('effectiveHostCount', 'Usable hosts', (row) => number(row, 'effectiveHostCount'), { isExtra: true }),
];

function hosts(nameOf: NameOf): Columns {
  return [
    words('status', 'Connection', (row) => row.status, {
      sort: 'status',
      show: (state) => <Status value={state} />,
    }),
    words('parent', 'Cluster', (row) => nameOf(row.parent) ?? row.parent),
    amount('cpuCores', 'CPU cores', (row) => number(row, 'cpuCores')),
    words('cpuUse', 'CPU in use', (row) => use(row, 'usedCpuMhz', cpuMhz(row), mhz)),
    words('memoryUse', 'Memory in use', (row) =>
      use(row, 'usedMemoryBytes', number(row, 'memoryBytes'), bytes),
    ),
    yesNo('inMaintenanceMode', 'Maintenance', (row) => flag(row, 'inMaintenanceMode')),
    words('product', 'Version', (row) =>
      ['productName', 'productVersion'].flatMap((it) => text(row, it) ?? []).join(' '),
    ),
    words('powerState', 'Power', (row) => text(row, 'powerState'), { isExtra: true }),
    words('model', 'Model', (row) => text(row, 'model'), { isExtra: true }),
    words('cpuModel', 'CPU model', (row) => text(row, 'cpuModel'), { isExtra: true }),
    words('productBuild', 'Build', (row) => text(row, 'productBuild'), { isExtra: true }),
    words('overallStatus', 'Health', (row) => text(row, 'overallStatus'), { isExtra: true }),
  ];
}

function resourcePools(nameOf: NameOf): Columns {
  return [
    words('parent', 'In', (row) => nameOf(row.parent) ?? row.parent),
    words('kind', 'Kind', (row) =>
      flag(row, 'isVapp') ? 'vApp' : flag(row, 'isRoot') ? 'root pool' : 'pool',
    ),
    words('cpuMhz', 'CPU reserved, limit', (row) => allocation(row, 'cpuMhz', mhz)),
    words('memoryMib', 'Memory reserved, limit', (row) => allocation(row, 'memoryMib', mib)),
    health,
  ];
}

const space: Columns = [
  {
    ...size<Resource>('freeBytes', 'Free space', (row) => row.freeBytes, { sort: 'freeBytes' }),
    isNumber: false,
    cell: (row) => <FreeSpace capacity={row.capacityBytes} free={row.freeBytes} />,
  },
  size('capacityBytes', 'Capacity', (row) => row.capacityBytes, { sort: 'capacityBytes' }),
];

function cloudImages(nameOf: NameOf): Columns {
  return [
    words('guestFullName', 'Guest system', (row) => text(row, 'guestFullName')),
    amount('numCpu', 'vCPUs', (row) => number(row, 'numCpu')),
    amount('memoryMib', 'Memory', (row) => number(row, 'memoryMib'), { unit: mib }),
    size('capacityBytes', 'Disks', (row) => row.capacityBytes, { sort: 'capacityBytes' }),
    amount('disks', 'Number of disks', (row) => parts(row, 'disks').length),
    words('parent', 'Folder', (row) => nameOf(row.parent) ?? row.parent),
    words('firmware', 'Firmware', (row) => text(row, 'firmware')),
    words('hardwareVersion', 'Hardware version', (row) => text(row, 'hardwareVersion'), { isExtra: true }),
    words('host', 'Host', (row) => nameOf(text(row, 'host')) ?? text(row, 'host'), { isExtra: true }),
    { ...health, isExtra: true },
    words('instanceUuid', 'Instance UUID', (row) => text(row, 'instanceUuid'), { isExtra: true }),
  ];
}

export function vsphereColumns(noun: ResourceNoun, nameOf: NameOf): Columns {
  const id = words<Resource>('id', 'MoRef', (row) => row.id, { sort: 'id', isExtra: true });
  return [...own(noun, nameOf), id, ...seen<Resource>()];
}

function own(noun: ResourceNoun, nameOf: NameOf): Columns {
  if (noun === 'networks') return networks;
  if (noun === 'clusters') return clusters;
  if (noun === 'hosts') return hosts(nameOf);
  if (noun === 'resource-pools') return resourcePools(nameOf);
  if (noun === 'cloud-images') return cloudImages(nameOf);
  if (noun === 'folders')
    return [
      words('path', 'Path', (row) => text(row, 'path')),
      words('parent', 'In', (row) => nameOf(row.parent) ?? row.parent),
      yesNo('isRoot', 'Root of the datacenter', (row) => flag(row, 'isRoot')),
      health,
    ];
  if (noun === 'datastores')
    return [
      words('type', 'Type', (row) => text(row, 'type')),
      ...space,
      words('storagePod', 'Storage pod', (row) => nameOf(text(row, 'storagePod')) ?? text(row, 'storagePod')),
      yesNo('accessible', 'Accessible', (row) => flag(row, 'accessible')),
      words('maintenanceMode', 'Maintenance', (row) => text(row, 'maintenanceMode')),
      health,
      size('uncommittedBytes', 'Promised', (row) => number(row, 'uncommittedBytes'), { isExtra: true }),
      words('url', 'URL', (row) => text(row, 'url'), { isExtra: true }),
    ];
  if (noun === 'storage-pods')
    return [
      ...space,
      yesNo('sdrsEnabled', 'Storage DRS', (row) => flag(row, 'sdrsEnabled')),
      amount('datastores', 'Datastores', (row) => texts(row, 'datastores').length),
      health,
    ];
  return [
    words('type', 'System', (row) => text(row, 'type')),
    words('description', 'Description', (row) => text(row, 'description')),
    time('lastUpdateTime', 'Last change', (row) => text(row, 'lastUpdateTime')),
  ];
}

function vlan(row: Resource): string | undefined {
  const it = part(row, 'vlan');
  if (!it) return undefined;
  if (typeof it.id === 'number') return it.id === 0 ? 'none' : String(it.id);
  if (typeof it.privateId === 'number') return `private ${it.privateId}`;
  return Array.isArray(it.trunk) ? `trunk ${it.trunk.join(', ')}` : undefined;
}

/** The speed of one core times the cores: vSphere tells no sum for a host. */
function cpuMhz(row: Resource): number | undefined {
  const cores = number(row, 'cpuCores');
  const one = number(row, 'cpuMhz');
  return cores === undefined || one === undefined ? undefined : cores * one;
}

function use(row: Resource, name: string, all: number | undefined, unit: (n: number) => string) {
  const used = number(row, name);
  return used === undefined || all === undefined ? undefined : `${unit(used)} of ${unit(all)}`;
}

function allocation(row: Resource, name: string, unit: (n: number) => string): string | undefined {
  const it = part(row, name);
  if (!it) return undefined;
  const reserved = typeof it.reservation === 'number' ? unit(it.reservation) : 'none';
  const limit = typeof it.limit === 'number' ? unit(it.limit) : 'no limit';
  return `${reserved}, ${limit}`;
}

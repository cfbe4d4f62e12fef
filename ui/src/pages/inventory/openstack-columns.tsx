import type { Resource, ResourceNoun } from '../../api/inventory';
import { Status } from '../../parts/Status';
import { flag, number, part, parts, text, texts, textOf } from './attributes';
import { amount, type InventoryColumn, seen, size, time, words, yesNo } from './columns';
import { gib, mib } from './units';

type Of = Partial<Record<ResourceNoun, InventoryColumn<Resource>[]>>;

const status = words<Resource>('status', 'Status', (row) => row.status, {
  sort: 'status',
  show: (state) => <Status value={state.toLowerCase()} />,
});
const description = words<Resource>('description', 'Description', (row) => text(row, 'description'));
const project = words<Resource>('projectId', 'Project', (row) => text(row, 'projectId'), { isExtra: true });

const COLUMNS: Of = {
  'cloud-images': [
    status,
    size('capacityBytes', 'Size', (row) => row.capacityBytes, { sort: 'capacityBytes' }),
    words('diskFormat', 'Format', (row) => text(row, 'diskFormat')),
    words('os', 'System', (row) =>
      ['osDistro', 'osVersion', 'architecture'].flatMap((it) => text(row, it) ?? []).join(' '),
    ),
    words('visibility', 'Visibility', (row) => text(row, 'visibility')),
    amount('minDiskGib', 'Least disk', (row) => number(row, 'minDiskGib'), { unit: gib }),
    amount('minRamMib', 'Least memory', (row) => number(row, 'minRamMib'), { unit: mib }),
    words('containerFormat', 'Container', (row) => text(row, 'containerFormat'), { isExtra: true }),
    size('virtualSizeBytes', 'Size of the disk', (row) => number(row, 'virtualSizeBytes'), { isExtra: true }),
    yesNo('protected', 'Protected', (row) => flag(row, 'protected'), { isExtra: true }),
    words('tags', 'Tags', (row) => texts(row, 'tags').join(', '), { isExtra: true }),
    words('checksum', 'Checksum', (row) => text(row, 'checksum'), { isExtra: true }),
    time('createdAt', 'Created', (row) => text(row, 'createdAt'), { isExtra: true }),
    project,
  ],
  networks: [
    status,
    yesNo('external', 'External', (row) => flag(row, 'external')),
    words('subnets', 'Subnets', subnets),
    words('gateways', 'Gateways', (row) =>
      parts(row, 'subnets')
        .flatMap((it) => textOf(it.gatewayIp) ?? [])
        .join(', '),
    ),
    yesNo('shared', 'Shared', (row) => flag(row, 'shared')),
    amount('mtu', 'MTU', (row) => number(row, 'mtu'), { unit: String }),
    yesNo('adminStateUp', 'Switched on', (row) => flag(row, 'adminStateUp'), { isExtra: true }),
    { ...description, isExtra: true },
    project,
  ],
  'security-groups': [
    description,
    amount('ruleCount', 'Rules', (row) => number(row, 'ruleCount')),
    yesNo('stateful', 'Stateful', (row) => flag(row, 'stateful')),
    yesNo('shared', 'Shared', (row) => flag(row, 'shared')),
    project,
  ],
  keypairs: [
    words('type', 'Type', (row) => text(row, 'type')),
    words('fingerprint', 'Fingerprint', (row) => text(row, 'fingerprint'), {
      show: (it) => <span className="mono">{it}</span>,
    }),
    words('publicKey', 'Public key', (row) => text(row, 'publicKey'), { isExtra: true }),
  ],
  'availability-zones': [status],
  'volume-types': [
    description,
    yesNo('isPublic', 'Public', (row) => flag(row, 'isPublic')),
    words('extraSpecs', 'Extra specs', (row) => {
      const specs = Object.entries(part(row, 'extraSpecs') ?? {});
      return specs.map(([name, value]) => `${name}=${String(value)}`).join(', ');
    }),
  ],
  'object-containers': [
    amount('objectCount', 'Objects', (row) => number(row, 'objectCount')),
    size('usedBytes', 'Used', (row) => number(row, 'usedBytes')),
    words('storagePolicy', 'Storage policy', (row) => text(row, 'storagePolicy')),
    time('lastModified', 'Last change', (row) => text(row, 'lastModified')),
  ],
};

/** Also those that these credentials may not read: they exist. */
function subnets(row: Resource): string {
  const read = parts(row, 'subnets').map((it) => textOf(it.cidr) ?? textOf(it.id) ?? '');
  const n = texts(row, 'unreadableSubnetIds').length;
  return [...read, ...(n > 0 ? [`${n} not readable`] : [])].join(', ');
}

export function openstackColumns(noun: ResourceNoun): InventoryColumn<Resource>[] {
  const id = words<Resource>('id', 'ID', (row) => row.id, { sort: 'id', isExtra: true });
  return [...(COLUMNS[noun] ?? []), id, ...seen<Resource>()];
}

import { expect, test } from 'vitest';

import type { Resource } from '../../api/inventory';
import { type Lists, thingOf, treeOf } from './tree';

const at = '2026-11-22T09:00:00Z';
function row(id: string, parent: string): Resource {
  return { id, name: id, parent, attributes: {}, observedAt: at, firstSeenAt: at, changedAt: at };
}

test('things are in what they name as their parent, wherever that is seen', () => {
  const lists: Lists = {
    clusters: [row('cluster-1', 'folder-4')],
    hosts: [row('host-1', 'cluster-1'), row('host-2', 'cluster-unseen')],
    'resource-pools': [row('pool-1', 'cluster-1'), row('pool-2', 'pool-1')],
    folders: [],
    'storage-pods': [],
    datastores: [row('/vmfs/a', 'folder-5')],
  };
  const [datacenter] = treeOf('DC0', lists);
  const said = (node: { label: string; children?: unknown[] }): unknown =>
    node.children ? [node.label, ...(node.children as (typeof node)[]).map(said)] : node.label;
  expect(datacenter && said(datacenter)).toEqual([
    'DC0',
    ['Hosts and clusters', ['cluster-1', 'host-1', ['pool-1', 'pool-2']], 'host-2'],
    ['Storage', '/vmfs/a'],
  ]);
});

test('a thing is read back from the address of the page', () => {
  expect(thingOf('datastores//vmfs/a')).toEqual({ noun: 'datastores', id: '/vmfs/a' });
  expect(thingOf('keypairs/a')).toBeUndefined();
  expect(thingOf(undefined)).toBeUndefined();
});

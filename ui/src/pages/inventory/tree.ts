import type { TreeNodeData } from '@mantine/core';

import type { Resource, ResourceNoun } from '../../api/inventory';

/** A node of the tree: a thing of the inventory, or a heading over some. */
export type Node = TreeNodeData & { label: string; noun?: ResourceNoun; row?: Resource; children?: Node[] };
export type Lists = Record<(typeof PARTS)[number], Resource[]>;

/** What the tree is made of. */
export const PARTS = [
  'clusters',
  'hosts',
  'resource-pools',
  'folders',
  'storage-pods',
  'datastores',
] as const satisfies ResourceNoun[];

/** Datacenter, cluster, host and pool; folders; storage pods and datastores. */
export function treeOf(name: string, lists: Lists): Node[] {
  const compute = nested([
    ['clusters', lists.clusters],
    ['hosts', lists.hosts],
    ['resource-pools', lists['resource-pools']],
  ]);
  const folders = nested([['folders', lists.folders]]);
  const storage = nested([
    ['storage-pods', lists['storage-pods']],
    ['datastores', lists.datastores],
  ]);
  const group = (label: string, children: Node[]): Node[] =>
    children.length > 0 ? [{ value: label, label, children }] : [];
  return [
    {
      value: 'datacenter',
      label: name,
      children: [
        ...group('Hosts and clusters', compute),
        ...group('Folders of machines', folders),
        ...group('Storage', storage),
      ],
    },
  ];
}

/** What is in something that these credentials do not see is on top. */
function nested(lists: [ResourceNoun, Resource[]][]): Node[] {
  const nodes = new Map<string, Node>();
  for (const [noun, rows] of lists)
    for (const row of rows) nodes.set(row.id, { value: `${noun}/${row.id}`, label: row.name, noun, row });
  const top: Node[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.row?.parent ?? '');
    if (parent) (parent.children ??= []).push(node);
    else top.push(node);
  }
  return top;
}

/** The headings, and what is directly below them when that is not too much to look at. */
export function openAtFirst(tree: Node[]): string[] {
  const headings = tree.flatMap((it) => [it, ...(it.children ?? [])]);
  const below = headings.slice(1).flatMap((it) => it.children ?? []);
  return [...headings, ...(below.length <= 20 ? below : [])].map((it) => it.value);
}

/** `hosts/host-22` in the address of the page. The ids of some things have a `/` of their own. */
export function thingOf(value: string | undefined): { noun: ResourceNoun; id: string } | undefined {
  const noun = PARTS.find((it) => value?.startsWith(`${it}/`));
  return noun && value ? { noun, id: value.slice(noun.length + 1) } : undefined;
}

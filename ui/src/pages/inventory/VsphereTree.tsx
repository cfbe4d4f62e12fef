import { Group, Loader, Text, Tree, useTree, type RenderTreeNodePayload } from '@mantine/core';
import {
  IconBox,
  IconBuilding,
  IconChevronRight,
  IconDatabase,
  IconFolder,
  IconServer,
  IconServer2,
  IconStack2,
  type Icon,
} from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { type KeyboardEvent, useMemo } from 'react';

import { allQuery, type Place, type ResourceNoun, resourcesOf, useRefresh } from '../../api/inventory';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { useListState } from './address';
import { flag } from './attributes';
import { FreeSpace } from './FreeSpace';
import { FreshnessBar, FreshnessNotices } from './FreshnessBar';
import { kindsOf } from './nouns';
import { ResourceDrawer } from './ResourceDrawer';
import { type Lists, type Node, openAtFirst, PARTS, thingOf, treeOf } from './tree';

const ICONS: Partial<Record<ResourceNoun, Icon>> = {
  clusters: IconServer2,
  hosts: IconServer,
  'resource-pools': IconBox,
  folders: IconFolder,
  'storage-pods': IconStack2,
  datastores: IconDatabase,
};

/** A datacenter as its vCenter shows it. */
export function VsphereTree({ place, locationName }: { place: Place; locationName: string }) {
  const [{ id }, change] = useListState();
  const refresh = useRefresh(place);
  const listings = useMemo(() => PARTS.map((noun) => resourcesOf(place, noun, { sort: 'name' })), [place]);
  const { lists, oldest, error, retry } = useQueries({
    queries: listings.map((it) => allQuery(it)),
    combine: (results) => ({
      lists: results.map((it) => it.data?.rows),
      // One that is stale makes the tree stale.
      oldest: results
        .flatMap((it) => it.data?.freshness ?? [])
        .toSorted(
          (a, b) => Number(b.stale) - Number(a.stale) || (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0),
        )[0],
      error: results.find((it) => it.error)?.error,
      retry: () => results.filter((it) => it.error).forEach((it) => void it.refetch()),
    }),
  });
  const data = useMemo(() => {
    if (lists.some((it) => it === undefined)) return undefined;
    const all = Object.fromEntries(PARTS.map((noun, n) => [noun, lists[n] ?? []])) as Lists;
    return treeOf(locationName, all);
  }, [lists, locationName]);
  const thing = thingOf(id);
  return (
    <>
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          Arrow keys move, Space folds, Enter shows details.
        </Text>
        <FreshnessBar freshness={oldest} listings={listings} refresh={refresh} />
      </Group>
      <FreshnessNotices freshness={oldest} refresh={refresh} things="things" />
      <ErrorNotice error={error} retry={retry} title="The tree is not complete" />
      {!data && !error && <Loader aria-label="Loading the tree" />}
      {data?.[0]?.children?.length === 0 && (
        <Empty title={`These credentials see nothing of ${locationName}`}>
          Give their user a role on the datacenter, or on what is in it, and refresh.
        </Empty>
      )}
      {data && data[0]?.children?.length !== 0 && (
        <Nodes data={data} label={`Tree of ${locationName}`} onOpen={(value) => change({ id: value })} />
      )}
      <ResourceDrawer
        place={place}
        noun={thing?.noun ?? 'hosts'}
        id={thing?.id}
        onClose={() => change({ id: undefined })}
      />
    </>
  );
}

function Nodes({ data, label, onOpen }: { data: Node[]; label: string; onOpen: (value: string) => void }) {
  const tree = useTree({
    initialExpandedState: Object.fromEntries(openAtFirst(data).map((it) => [it, true])),
  });
  const open = (value: string) => (thingOf(value) ? onOpen(value) : tree.toggleExpanded(value));
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const value = (event.target as HTMLElement).dataset.value;
    if (event.key === 'Enter' && value) open(value);
  };
  return (
    <div className="inventory-tree">
      <Tree
        data={data}
        tree={tree}
        aria-label={label}
        levelOffset={24}
        expandOnClick={false}
        allowRangeSelection={false}
        onKeyDown={onKeyDown}
        renderNode={(payload) => <NodeRow {...payload} onOpen={open} />}
      />
    </div>
  );
}

function NodeRow(props: RenderTreeNodePayload & { onOpen: (value: string) => void }) {
  const { expanded, hasChildren, elementProps, tree, onOpen } = props;
  const node = props.node as Node;
  const NodeIcon = (node.noun && ICONS[node.noun]) ?? IconBuilding;
  const kind = kindsOf('vmware').find((it) => it.noun === node.noun)?.one;
  // A vCenter puts a host that is in no cluster into something of its own that is called like it.
  const isAlone = node.noun === 'clusters' && node.row && flag(node.row, 'isCluster') === false;
  return (
    <div
      {...elementProps}
      className={`${elementProps.className} inventory-node`}
      onClick={(event) => {
        elementProps.onClick(event);
        onOpen(node.value);
      }}
    >
      <span
        className="inventory-fold"
        data-open={expanded || undefined}
        onClick={(event) => {
          event.stopPropagation();
          tree.toggleExpanded(node.value);
        }}
      >
        {hasChildren && <IconChevronRight size={15} aria-hidden />}
      </span>
      {(node.noun || node.value === 'datacenter') && <NodeIcon size={16} stroke={1.6} aria-hidden />}
      <span className="truncate" title={node.label}>
        {node.label}
      </span>
      <span className="inventory-more">
        {node.value === 'datacenter' ? 'datacenter' : isAlone ? 'host alone' : kind}
        {node.row?.status && node.row.status !== 'green' && node.row.status !== 'connected'
          ? `, ${node.row.status}`
          : ''}
      </span>
      {typeof node.row?.freeBytes === 'number' && (
        <span className="inventory-space">
          <FreeSpace capacity={node.row.capacityBytes} free={node.row.freeBytes} />
        </span>
      )}
    </div>
  );
}

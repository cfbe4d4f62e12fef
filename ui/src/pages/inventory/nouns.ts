import { isVsphere, locationNoun } from '../../api/clouds';
import type { Noun, ResourceNoun } from '../../api/inventory';

/** What a filter by container says, and where the containers are listed. */
type Container = { noun: ResourceNoun; label: string };

export type Kind = {
  /** Last segment of the API's path, and of the page's. */
  noun: Noun;
  label: string;
  /** One of it, in a sentence. */
  one: string;
  /** What the list can be narrowed to. The server has no word for it where this is absent. */
  within?: Container;
  /** The cloud's own words of state that are worth a filter. */
  statuses?: string[];
};

/** Pages of a vSphere that are no list of what is in it, in their order. */
const VIEWS = [
  { noun: 'tree', label: 'Tree' },
  { noun: 'cloud-events', label: 'Events' },
  { noun: 'cloud-tasks', label: 'Tasks' },
  { noun: 'cloud-logs', label: 'Logs' },
  { noun: 'datastore-files', label: 'Datastore files' },
] as const;
export type View = (typeof VIEWS)[number]['noun'];

const OPENSTACK: Kind[] = [
  {
    noun: 'machines',
    label: 'Machines',
    one: 'machine',
    within: { noun: 'availability-zones', label: 'Availability zone' },
    statuses: [
      'ACTIVE',
      'BUILD',
      'ERROR',
      'PAUSED',
      'RESIZE',
      'SHELVED_OFFLOADED',
      'SHUTOFF',
      'SUSPENDED',
      'VERIFY_RESIZE',
    ],
  },
  { noun: 'instance-types', label: 'Instance types', one: 'instance type' },
  {
    noun: 'cloud-images',
    label: 'Images',
    one: 'image',
    statuses: ['active', 'deactivated', 'queued', 'saving'],
  },
  { noun: 'networks', label: 'Networks', one: 'network', statuses: ['ACTIVE', 'BUILD', 'DOWN', 'ERROR'] },
  { noun: 'security-groups', label: 'Security groups', one: 'security group' },
  { noun: 'keypairs', label: 'Keypairs', one: 'keypair' },
  {
    noun: 'availability-zones',
    label: 'Availability zones',
    one: 'availability zone',
    statuses: ['available', 'unavailable'],
  },
  { noun: 'volume-types', label: 'Volume types', one: 'volume type' },
  { noun: 'object-containers', label: 'Object containers', one: 'object container' },
];

/** `overallStatus` of managed entities. */
const HEALTH = ['green', 'yellow', 'red', 'gray'];

const VSPHERE: Kind[] = [
  { noun: 'machines', label: 'Machines', one: 'machine', within: { noun: 'hosts', label: 'Host' } },
  { noun: 'instance-types', label: 'Instance types', one: 'instance type' },
  {
    noun: 'cloud-images',
    label: 'Templates',
    one: 'template',
    within: { noun: 'folders', label: 'Folder' },
    statuses: HEALTH,
  },
  { noun: 'networks', label: 'Networks', one: 'network', statuses: HEALTH },
  { noun: 'clusters', label: 'Clusters', one: 'cluster', statuses: HEALTH },
  {
    noun: 'hosts',
    label: 'Hosts',
    one: 'host',
    within: { noun: 'clusters', label: 'Cluster' },
    statuses: ['connected', 'disconnected', 'notResponding'],
  },
  {
    noun: 'resource-pools',
    label: 'Resource pools',
    one: 'resource pool',
    within: { noun: 'resource-pools', label: 'Pool above' },
    statuses: HEALTH,
  },
  {
    noun: 'folders',
    label: 'Folders',
    one: 'folder',
    within: { noun: 'folders', label: 'Folder above' },
    statuses: HEALTH,
  },
  {
    noun: 'datastores',
    label: 'Datastores',
    one: 'datastore',
    within: { noun: 'storage-pods', label: 'Storage pod' },
    statuses: HEALTH,
  },
  { noun: 'storage-pods', label: 'Storage pods', one: 'storage pod', statuses: HEALTH },
  { noun: 'customization-specs', label: 'Customization specs', one: 'customization spec' },
];

/** What there is to see of a cloud platform, in the order of the page. */
export function kindsOf(platform: string): Kind[] {
  return isVsphere(platform) ? VSPHERE : OPENSTACK;
}

/** What a cloud platform shows besides. */
export function viewsOf(platform: string): readonly { noun: View; label: string }[] {
  return isVsphere(platform) ? VIEWS : [];
}

export function labelOf(platform: string, noun: string): string | undefined {
  return [...kindsOf(platform), ...viewsOf(platform)].find((it) => it.noun === noun)?.label;
}

/** `Region` or `Datacenter`. */
export function locationWord(platform: string): string {
  return locationNoun(platform) === 'region' ? 'Region' : 'Datacenter';
}

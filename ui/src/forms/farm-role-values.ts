import { isVsphere } from '../api/clouds';
import type { FarmRole } from '../api/farms';

/** As the server counts them. */
const MOST_SERVERS = 400;
const MOST_NETWORKS = 10;
/** Nova takes 64 KiB of base64. */
const MOST_USER_DATA = 48_000;
const LONGEST_TEXT = 255;
const LAST_PORT = 65_535;
const MOST_ROOT_VOLUME_GIB = 16_384;

export type Placement = NonNullable<NonNullable<FarmRole['cloudFeatures']>['placementStrategy']>;

/** What is typed and chosen. A number field that is empty holds text. */
export type FarmRoleValues = {
  alias: string;
  role: string;
  cloud: string;
  location: string;
  instanceType: string;
  min: number | string;
  max: number | string;
  launchIndex: number | string;
  networks: string[];
  primary: string;
  /** An external network of OpenStack; empty: none. */
  floatingIpPool: string;
  securityGroups: string[];
  zones: string[];
  /** A number, or empty: the server's own disk. */
  rootVolumeGib: number | string;
  rootVolumeType: string;
  serverGroup: string;
  configDrive: boolean;
  folder: string;
  placement: Placement;
  /** Of `scalr-auto`, those that are chosen from; else one at most. */
  hosts: string[];
  computeResource: string;
  resourcePool: string;
  dataStore: string;
  customizationSpec: string;
  /** A number, or empty: none. */
  waitForPort: number | string;
  instanceName: string;
  userData: string;
};

/** What belongs to one location, and to no other. */
export const OF_PLACE = {
  instanceType: '',
  networks: [] as string[],
  primary: '',
  floatingIpPool: '',
  securityGroups: [] as string[],
  zones: [] as string[],
  rootVolumeGib: '',
  rootVolumeType: '',
  serverGroup: '',
  folder: '',
  hosts: [] as string[],
  computeResource: '',
  resourcePool: '',
  dataStore: '',
  customizationSpec: '',
};

export function valuesOf(farmRole: FarmRole | undefined): FarmRoleValues {
  const networks = farmRole?.networking?.networks ?? [];
  const features = farmRole?.cloudFeatures;
  const rootVolume = farmRole?.storage?.[0]?.template;
  return {
    alias: farmRole?.alias ?? '',
    role: farmRole?.role ? String(farmRole.role.id) : '',
    cloud: farmRole?.cloudPlatform ?? '',
    location: farmRole?.cloudLocation ?? '',
    instanceType: farmRole?.instanceType?.id ?? '',
    min: farmRole?.scaling?.minInstances ?? 1,
    max: farmRole?.scaling?.maxInstances ?? 2,
    launchIndex: farmRole?.launchIndex ?? 0,
    networks: networks.map((it) => it.id),
    primary: networks.find((it) => it.primary)?.id ?? '',
    floatingIpPool:
      networks.find((it) => it.cloudFeatures?.floatingIpPool)?.cloudFeatures?.floatingIpPool?.id ?? '',
    securityGroups: (farmRole?.security?.securityGroups ?? []).map((it) => it.id),
    zones: farmRole?.availabilityZones ?? [],
    rootVolumeGib: rootVolume?.size ?? '',
    rootVolumeType: rootVolume?.type ?? '',
    serverGroup: features?.serverGroup ?? '',
    configDrive: features?.configDrive ?? false,
    folder: features?.folder ?? '',
    placement: features?.placementStrategy ?? 'manual',
    hosts: features?.hosts ?? [],
    computeResource: features?.computeResource ?? '',
    resourcePool: features?.resourcePool ?? '',
    dataStore: features?.dataStore ?? '',
    customizationSpec: features?.customizationSpec ?? '',
    waitForPort: farmRole?.waitForPort ?? '',
    instanceName: farmRole?.advancedConfiguration?.instanceName ?? '',
    userData: farmRole?.advancedConfiguration?.userData ?? '',
  };
}

/** `before`: what the form has no field for stays as it was. */
export function bodyOf(values: FarmRoleValues, before: FarmRole | undefined): FarmRole {
  const known = before?.networking?.networks ?? [];
  const first = values.networks.includes(values.primary) ? values.primary : values.networks[0];
  const networks = values.networks.map((id) => {
    const { cloudFeatures: _, ...kept } = known.find((it) => it.id === id) ?? {};
    const network = { ...kept, id, primary: id === values.primary };
    const isPooled = id === first && values.floatingIpPool && !isVsphere(values.cloud);
    return isPooled ? { ...network, cloudFeatures: pooled(values.floatingIpPool) } : network;
  });
  const body: FarmRole = {
    alias: values.alias.trim(),
    instanceType: { id: values.instanceType },
    launchIndex: Number(values.launchIndex),
    scaling: { enabled: true, minInstances: Number(values.min), maxInstances: Number(values.max) },
    networking: { networks },
    waitForPort: values.waitForPort === '' ? null : Number(values.waitForPort),
    advancedConfiguration: {
      instanceName: values.instanceName.trim() || null,
      userData: values.userData || null,
    },
  };
  if (!before) {
    body.role = { id: Number(values.role) };
    body.cloudPlatform = values.cloud;
    body.cloudLocation = values.location;
  }
  if (!isVsphere(values.cloud))
    return {
      ...body,
      security: { securityGroups: values.securityGroups.map((id) => ({ id })) },
      availabilityZones: values.zones,
      storage: values.rootVolumeGib === '' ? [] : [rootVolume(values)],
      cloudFeatures: {
        type: 'OpenstackCloudFeatures',
        configDrive: values.configDrive,
        serverGroup: values.serverGroup || null,
      },
    };
  const isChosen = values.placement === 'scalr-auto';
  const features: FarmRole['cloudFeatures'] = {
    type: 'VmwareCloudFeatures',
    folder: values.folder,
    placementStrategy: values.placement,
    computeResource: values.computeResource || null,
    resourcePool: isChosen ? null : values.resourcePool || null,
    dataStore: values.dataStore || null,
    hosts: values.hosts,
    customizationSpec: values.customizationSpec || null,
  };
  return { ...body, cloudFeatures: features };
}

function rootVolume({ rootVolumeGib, rootVolumeType }: FarmRoleValues) {
  const type = rootVolumeType || null;
  return { type: 'RootStorageConfiguration' as const, template: { size: Number(rootVolumeGib), type } };
}

function pooled(id: string) {
  return { type: 'OpenstackNetworkCloudFeatures' as const, floatingIpPool: { id } };
}

/** What is wrong with it, by field. */
export function wrong(values: FarmRoleValues): Partial<Record<keyof FarmRoleValues, string>> {
  const found: Partial<Record<keyof FarmRoleValues, string>> = {};
  if (!values.alias.trim()) found.alias = 'Give the farm role an alias.';
  else if (isLong(values.alias)) found.alias = `At most ${LONGEST_TEXT} characters.`;
  if (!values.role) found.role = 'Choose a role.';
  if (!values.cloud) found.cloud = 'Choose a cloud.';
  if (!values.location) found.location = 'Choose a location.';
  if (!values.instanceType) found.instanceType = 'Choose an instance type.';
  if (!isWhole(values.min, 0, MOST_SERVERS)) found.min = `A whole number from 0 to ${MOST_SERVERS}.`;
  const least = Math.max(1, Number(values.min) || 0);
  if (!isWhole(values.max, least, MOST_SERVERS))
    found.max = `A whole number from ${least} to ${MOST_SERVERS}.`;
  if (!isWhole(values.launchIndex, 0, Number.MAX_SAFE_INTEGER))
    found.launchIndex = 'A whole number, 0 or more.';
  if (values.floatingIpPool && values.networks.length === 0)
    found.networks = 'Choose the network that floating IPs lead to.';
  if (values.networks.length > MOST_NETWORKS) found.networks = `At most ${MOST_NETWORKS} networks.`;
  if (isVsphere(values.cloud) && values.location) {
    if (!values.folder) found.folder = 'Choose a folder.';
    const isManual = values.placement === 'manual';
    if (isManual && !values.computeResource && !values.resourcePool)
      found.computeResource = 'Choose a cluster or host, or a resource pool.';
    if (isManual && values.hosts.length > 1)
      found.hosts = 'One host at most, unless Stackyard chooses from them.';
  }
  if (values.rootVolumeGib !== '' && !isWhole(values.rootVolumeGib, 1, MOST_ROOT_VOLUME_GIB))
    found.rootVolumeGib = `A whole number from 1 to ${MOST_ROOT_VOLUME_GIB}, or nothing.`;
  if (values.waitForPort !== '' && !isWhole(values.waitForPort, 1, LAST_PORT))
    found.waitForPort = `A whole number from 1 to ${LAST_PORT}, or nothing.`;
  if (isLong(values.instanceName)) found.instanceName = `At most ${LONGEST_TEXT} characters.`;
  if (new TextEncoder().encode(values.userData).length > MOST_USER_DATA)
    found.userData = `At most ${MOST_USER_DATA.toLocaleString('en')} bytes.`;
  return found;
}

function isLong(text: string): boolean {
  return [...text.trim()].length > LONGEST_TEXT;
}

function isWhole(value: number | string, least: number, most: number): boolean {
  const number = Number(value);
  return value !== '' && Number.isSafeInteger(number) && number >= least && number <= most;
}

import type { Api, Vcenter } from './fixtures';
import { openstackBody, vsphereBody } from './fixtures';
import type { Openstack } from './processes';

type Named = { id: string; name: string };

/** An environment with a cloud, and a role that can be launched there. */
export type Ground = { environment: number; platform: string; location: string; role: number };

const OS = { id: 'debian-12' };

/** Registers the first image of the location that has this name, or any, and makes a role of it. */
async function ground(
  api: Api,
  name: string,
  credentials: { provider: string; name: string },
  image?: string,
): Promise<Ground> {
  const { id: environment } = await api.post<{ id: number }>('/account/1/environments/', { name });
  const platform = credentials.provider;
  const { id } = await api.post<Named>('/account/1/cloud-credentials/', credentials);
  await api.post(`/account/1/environments/${environment}/clouds/${platform}/`, { id });
  const user = `/user/${environment}`;
  const locations = await api.get<{ cloudLocation: string }[]>(`${user}/clouds/${platform}/cloud-locations/`);
  const location = locations[0]?.cloudLocation ?? '';
  const images = await api.get<Named[]>(
    `${user}/clouds/${platform}/cloud-locations/${location}/cloud-images/`,
  );
  const found = images.find((it) => !image || it.name === image);
  if (!found) throw new Error(`no image in ${location}`);
  const registered = await api.post<Named>(`${user}/images/`, {
    cloudPlatform: platform,
    cloudLocation: location,
    cloudImageId: found.id,
    architecture: 'x86_64',
    os: OS,
    cloudInitInstalled: true,
  });
  const role = await api.post<{ id: number }>(`${user}/roles/`, {
    name: 'base',
    category: { id: 1 },
    os: OS,
  });
  await api.post(`${user}/roles/${role.id}/images/`, { image: { id: registered.id } });
  return { environment, platform, location, role: role.id };
}

export async function vsphereGround(api: Api, name: string, vcenter: Vcenter): Promise<Ground> {
  return ground(api, name, vsphereBody(`vc-${name}`, vcenter));
}

export async function openstackGround(api: Api, name: string, cloud: Openstack): Promise<Ground> {
  return ground(api, name, openstackBody(`os-${name}`, cloud), 'tiny');
}

/** A farm with one tier in the first cluster of the datacenter. */
export async function vsphereFarm(api: Api, at: Ground, name: string, min: number): Promise<number> {
  const place = `/user/${at.environment}/clouds/${at.platform}/cloud-locations/${at.location}`;
  const [folder] = await api.get<Named[]>(`${place}/folders/?name=vm`);
  const [cluster] = await api.get<Named[]>(`${place}/clusters/?name=DC0_C0`);
  const sizes = await api.get<Named[]>(`${place}/instance-types/`);
  const { id } = await api.post<{ id: number }>(`/user/${at.environment}/farms/`, { name });
  await api.post(`/user/${at.environment}/farms/${id}/farm-roles/`, {
    alias: 'app',
    role: { id: at.role },
    cloudPlatform: at.platform,
    cloudLocation: at.location,
    instanceType: { id: sizes.find((it) => it.name === 'micro')?.id },
    scaling: { enabled: true, minInstances: min, maxInstances: min + 1 },
    cloudFeatures: {
      type: 'VmwareCloudFeatures',
      folder: folder?.id,
      computeResource: cluster?.id,
    },
    advancedConfiguration: { instanceName: `${name}-{SCALR_INSTANCE_INDEX}` },
  });
  return id;
}

/** A farm of one server on a network of OpenStack; without one, on the project's own. */
export async function openstackFarm(api: Api, at: Ground, name: string, networkId?: string): Promise<number> {
  const place = `/user/${at.environment}/clouds/${at.platform}/cloud-locations/${at.location}`;
  const [size] = await api.get<Named[]>(`${place}/instance-types/?name=m1.tiny`);
  const [network] = await api.get<Named[]>(`${place}/networks/?name=private`);
  const { id } = await api.post<{ id: number }>(`/user/${at.environment}/farms/`, { name });
  await api.post(`/user/${at.environment}/farms/${id}/farm-roles/`, {
    alias: 'app',
    role: { id: at.role },
    cloudPlatform: at.platform,
    cloudLocation: at.location,
    instanceType: { id: size?.id },
    networking: { networks: [{ id: networkId ?? network?.id }] },
    advancedConfiguration: { instanceName: `${name}-{SCALR_INSTANCE_INDEX}` },
  });
  return id;
}

import type { Openstack } from './processes';

/** Makes a flavor past Stackyard, as somebody at the cloud does. Gives the way to remove it. */
export async function makeFlavor(cloud: Openstack, name: string): Promise<() => Promise<void>> {
  const { token, nova } = await loginAsAdmin(cloud);
  const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/json' };
  const flavor = { name, ram: 64, vcpus: 1, disk: 1 };
  const answer = await fetch(`${nova}/flavors`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ flavor }),
  });
  if (!answer.ok) throw new Error(`Nova: ${answer.status} ${await answer.text()}`);
  const made = (await answer.json()) as { flavor: { id: string } };
  return async () => {
    await fetch(`${nova}/flavors/${made.flavor.id}`, { method: 'DELETE', headers });
  };
}

/** Deletes what a snapshot left in the project: it outlives its server. */
export async function deleteImage(cloud: Openstack, name: string) {
  const { token, glance } = await loginAsAdmin(cloud);
  const headers = { 'X-Auth-Token': token };
  const answer = await fetch(`${glance}/v2/images?name=${encodeURIComponent(name)}`, { headers });
  if (!answer.ok) throw new Error(`Glance: ${answer.status} ${await answer.text()}`);
  const { images } = (await answer.json()) as { images: { id: string }[] };
  for (const { id } of images) await fetch(`${glance}/v2/images/${id}`, { method: 'DELETE', headers });
}

type Login = { token: string; nova: string; glance: string };

async function loginAsAdmin(cloud: Openstack): Promise<Login> {
  const domain = { name: 'Default' };
  const user = { name: 'admin', domain, password: cloud.password };
  const auth = {
    identity: { methods: ['password'], password: { user } },
    scope: { project: { name: 'admin', domain } },
  };
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ auth });
  const answer = await fetch(`${cloud.keystoneUrl}/auth/tokens`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`Keystone: ${answer.status} ${await answer.text()}`);
  const { token } = (await answer.json()) as {
    token: { catalog: { type: string; endpoints: { interface: string; url: string }[] }[] };
  };
  const at = (type: string) =>
    token.catalog.find((it) => it.type === type)?.endpoints.find((it) => it.interface === 'public')?.url ??
    '';
  return {
    token: answer.headers.get('X-Subject-Token') ?? '',
    nova: at('compute'),
    glance: at('image').replace(/\/(v2\/?)?$/, ''),
  };
}

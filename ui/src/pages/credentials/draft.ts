import type { CommonValues } from '../../forms/credential-values';

/** What was typed outlives a reload and a login in this tab; the secret is never kept. */
type Values = CommonValues & { secret: string };
const PREFIX = 'new-credentials';

export function readDraft<V extends Values>(owner: string, empty: V): V {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key(owner, empty)) ?? '{}') as Partial<V>;
    return { ...empty, ...kept, secret: '' };
  } catch {
    return empty;
  }
}

export function keepDraft<V extends Values>(owner: string, empty: V, values: V) {
  const kept = JSON.stringify({ ...values, secret: '' });
  if (kept === JSON.stringify(empty)) sessionStorage.removeItem(key(owner, empty));
  else sessionStorage.setItem(key(owner, empty), kept);
}

export function forgetDraft(owner: string) {
  for (const kind of ['openstack', 'vmware']) sessionStorage.removeItem(`${PREFIX}:${owner}:${kind}`);
}

const key = (owner: string, empty: Values) =>
  `${PREFIX}:${owner}:${'keystoneUrl' in empty ? 'openstack' : 'vmware'}`;

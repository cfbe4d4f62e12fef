import type { Check } from '../../api/validations';

const PRIVILEGE = 'vsphere.privilege.';

export const isPrivilege = (check: Check) => check.id.startsWith(PRIVILEGE);
export const privilegeOf = (check: Check) => check.id.slice(PRIVILEGE.length);

/** How much a person should look at it: 2 where it failed, 1 where it warns, 0 otherwise. */
export function attention(check: Check): number {
  if (check.status === 'failed') return 2;
  return check.status === 'warning' ? 1 : 0;
}

/** `2 failed, 1 warning, 28 passed`; empty for no checks. */
export function counts(checks: Check[]): string {
  const of = (status: Check['status']) => checks.filter((it) => it.status === status).length;
  const [failed, warnings, passed, skipped] = [of('failed'), of('warning'), of('passed'), of('skipped')];
  return [
    failed && `${failed} failed`,
    warnings && `${warnings} warning${warnings === 1 ? '' : 's'}`,
    passed && `${passed} passed`,
    skipped && `${skipped} skipped`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** By the server's heading, in the order of their first checks; within one by service. */
export function groupsOf(checks: Check[]): { name: string; rows: Check[] }[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const rows = groups.get(check.group);
    if (rows) rows.push(check);
    else groups.set(check.group, [check]);
  }
  return [...groups].map(([name, rows]) => ({
    name,
    rows: rows.toSorted((a, b) => serviceOf(a).localeCompare(serviceOf(b))),
  }));
}

/** The service of a region's check, whose target is `RegionOne compute`; empty elsewhere. */
export function serviceOf(check: Check): string {
  return check.target.startsWith(`${check.group} `) ? check.target.slice(check.group.length + 1) : '';
}

const UPPER = new Set(['url', 'dns', 'tcp', 'tls', 'api']);

/** `openstack.keystone.version` as a person says it. The id itself is in the title. */
export function labelOf(check: Check): string {
  const service = serviceOf(check);
  const [, ...parts] = check.id.split('.');
  const words = parts.filter((it) => it !== service).map((it) => (UPPER.has(it) ? it.toUpperCase() : it));
  const text = [...(service ? [service] : []), ...words].join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

import type { ReactNode } from 'react';

import { When } from '../../parts/When';
import { isParts } from './attributes';
import type { NameOf } from './columns';
import { bytes, count, gib, mib } from './units';

const ACRONYMS = new Map(
  [
    'BIOS',
    'CIDR',
    'CPU',
    'DHCP',
    'DRS',
    'HA',
    'ID',
    'IDs',
    'IP',
    'MTU',
    'OS',
    'RAM',
    'URL',
    'UUID',
    'VLAN',
    'VM',
  ].map((it) => [it.toLowerCase(), it] as const),
);
const UNITS: [string, (n: number) => string][] = [
  ['Bytes', bytes],
  ['Mib', mib],
  ['Gib', gib],
  ['Mhz', (n) => `${count(n)} MHz`],
];

type Props = { attributes: Record<string, unknown>; except?: string[]; nameOf?: NameOf };

/** Everything else that the cloud tells of a thing. What it does not tell is left out. */
export function AttributeList({ attributes, except = [], nameOf }: Props) {
  const told = Object.entries(attributes).filter(
    ([name, value]) => !except.includes(name) && value !== null && value !== '',
  );
  return told.map(([name, value]) => <Attribute key={name} name={name} value={value} nameOf={nameOf} />);
}

function Attribute({ name, value, nameOf }: { name: string; value: unknown; nameOf: NameOf | undefined }) {
  return (
    <>
      <dt>{label(name)}</dt>
      <dd>{shown(name, value, nameOf)}</dd>
    </>
  );
}

/** `minRamMib` is `Min RAM`: the unit is with the value. */
export function label(name: string): string {
  const text = said(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function said(name: string): string {
  const unit = UNITS.find(([end]) => name.length > end.length && name.endsWith(end));
  const bare = unit ? name.slice(0, -unit[0].length) : name;
  const words = bare.split(/(?=[A-Z])/).map((it) => it.toLowerCase());
  return words.map((it) => ACRONYMS.get(it) ?? it).join(' ');
}

/** Numbers such as an MTU or a port are read as one word. */
function plain(n: number): string {
  return n < 10_000 ? String(n) : count(n);
}

function shown(name: string, value: unknown, nameOf: NameOf | undefined): ReactNode {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return (UNITS.find(([end]) => name.endsWith(end))?.[1] ?? plain)(value);
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\dT/.test(value)) return <When at={value} />;
    return nameOf?.(value) ?? value;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none';
    return value.map((it: unknown, n) => <div key={n}>{shown(name, it, nameOf)}</div>);
  }
  if (isParts(value)) {
    const parts = Object.entries(value).filter(([, it]) => it !== null && it !== '');
    if (parts.length === 0) return 'none';
    return parts.map(([key, it], n) => (
      <span key={key}>
        {n > 0 && ', '}
        {said(key)} {isParts(it) || Array.isArray(it) ? JSON.stringify(it) : shown(key, it, nameOf)}
      </span>
    ));
  }
  return '–';
}

import type { NetworkRule, PrivateNetwork } from '../api/networks';
import type { SecurityGroup } from '../api/security-groups';
import { addressKind, range } from './ip';

/** As the server counts them. */
const LONGEST_NAME = 255;
export const MOST_RULES = 100;
const LAST_PORT = 65_535;
/** A router and a DHCP server take two addresses. */
const LEAST_BITS = 2;

/** `ports`: one, a range such as `8000-8080`, or empty for all. `key` tells rows apart while they come and go. */
export type RuleValues = { protocol: string; ports: string; from: string; key: number };
/** What is typed and chosen. */
export type NetworkValues = {
  name: string;
  location: string;
  cidr: string;
  externalNetwork: string;
  /** Addresses with commas or spaces between them. */
  dnsServers: string;
  rules: RuleValues[];
};

export function valuesOf(network: PrivateNetwork | undefined): NetworkValues {
  return {
    ...groupValuesOf(network),
    cidr: network?.cidr ?? '',
    externalNetwork: network?.externalNetwork?.id ?? '',
    dnsServers: (network?.dnsServers ?? []).join(', '),
  };
}

/** Of a security group alone the rest is empty. */
export function groupValuesOf(group: PrivateNetwork | SecurityGroup | undefined): NetworkValues {
  return {
    name: group?.name ?? '',
    location: group?.cloudLocation ?? '',
    cidr: '',
    externalNetwork: '',
    dnsServers: '',
    rules: (group?.rules ?? []).map((rule, key) => ({
      protocol: rule.protocol,
      ports: portsText(rule),
      from: rule.from,
      key,
    })),
  };
}

/** `22`, `8000-8080`; empty where all ports are meant. */
export function portsText({ firstPort, lastPort }: Pick<NetworkRule, 'firstPort' | 'lastPort'>): string {
  if (!firstPort) return '';
  return lastPort && lastPort !== firstPort ? `${firstPort}-${lastPort}` : String(firstPort);
}

export function dnsOf({ dnsServers }: NetworkValues): string[] {
  return dnsServers.split(/[\s,]+/).filter(Boolean);
}

export function rulesOf({ rules }: NetworkValues): NetworkRule[] {
  return rules.map(({ protocol, ports, from }) => {
    const [firstPort, lastPort] = (protocol !== 'icmp' && portsOf(ports)) || [];
    return { protocol, from: from.trim(), firstPort: firstPort ?? null, lastPort: lastPort ?? null };
  });
}

/** First and last; none for all ports, nothing for what is no port. */
function portsOf(text: string): number[] | undefined {
  if (!text.trim()) return [];
  const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  return first >= 1 && first <= last && last <= LAST_PORT ? [first, last] : undefined;
}

/** What is wrong with a network, by field. */
export function wrong(values: NetworkValues): Record<string, string> {
  const found = wrongGroup(values, 'network');
  const cidr = range(values.cidr.trim());
  if (!cidr) found.cidr = 'A range of addresses, such as 10.1.0.0/24.';
  else if (cidr.bits < LEAST_BITS) found.cidr = 'It has no room for servers; a /24 has room for about 250.';
  const dns = dnsOf(values);
  const noAddress = dns.find((it) => !addressKind(it));
  const ofOtherKind = cidr && dns.find((it) => addressKind(it) !== cidr.kind);
  if (noAddress) found.dnsServers = `${noAddress} is no IP address.`;
  else if (ofOtherKind)
    found.dnsServers = `${ofOtherKind} is not of the same kind as the addresses of the network.`;
  return found;
}

/** Of what has a security group: with its name, its place and its rules. */
export function wrongGroup(values: NetworkValues, what: string): Record<string, string> {
  const found: Record<string, string> = {};
  if (!values.name.trim()) found.name = `Give the ${what} a name.`;
  else if ([...values.name.trim()].length > LONGEST_NAME) found.name = `At most ${LONGEST_NAME} characters.`;
  if (!values.location) found.location = 'Choose a location.';
  const rules = rulesOf(values).map((it) => JSON.stringify(it));
  values.rules.forEach(({ protocol, ports, from }, index) => {
    if (protocol !== 'icmp' && !portsOf(ports))
      found[`rules.${index}.ports`] = `1 to ${LAST_PORT}, such as 22 or 8000-8080.`;
    if (!range(from.trim()) && !addressKind(from.trim()))
      found[`rules.${index}.from`] = 'A range or address, such as 10.0.0.0/8.';
    const same = rules.findIndex((it) => it === rules[index]);
    if (same < index) found[`rules.${index}.from`] ??= `The same as rule ${same + 1}.`;
  });
  return found;
}

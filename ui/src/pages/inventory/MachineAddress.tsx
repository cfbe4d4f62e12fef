import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';

import { sentence } from '../../api/client';
import { explanationQuery, type Machine, type Place } from '../../api/inventory';
import { ProbeMachine } from '../../forms/machine-probe';
import { Copy } from '../../parts/Copy';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Section } from './Details';

const POLICY: Record<string, string> = {
  public: 'only ever the public address',
  local: 'only ever the private address',
  auto: 'the public address where there is one, else the private one',
};

/** Which address is connected to, why, and whether it answers. */
export function MachineAddress({ place, machine }: { place: Place; machine: Machine }) {
  const [isExplained, { toggle }] = useDisclosure();
  const { connectionAddress, noAddressBecause } = machine;
  return (
    <Section title="Addresses">
      <Group gap={6}>
        <Text size="sm">
          {connectionAddress ? (
            <>
              Stackyard connects to <b className="mono">{connectionAddress}</b>
            </>
          ) : (
            <>There is no address to connect to: {noAddressBecause}</>
          )}
        </Text>
        {connectionAddress && <Copy value={connectionAddress} what="the address" />}
        <Button size="compact-xs" variant="default" onClick={toggle} aria-expanded={isExplained}>
          Explain
        </Button>
      </Group>
      {isExplained && <Explanation place={place} id={machine.id} />}
      {machine.addresses.length > 0 && <AddressTable machine={machine} />}
      {connectionAddress && <ProbeMachine key={machine.id} place={place} id={machine.id} />}
    </Section>
  );
}

function AddressTable({ machine }: { machine: Machine }) {
  return (
    <div className="table-box" tabIndex={0} role="region" aria-label="Addresses of the machine">
      <table>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Scope</th>
            <th scope="col">Told by</th>
            <th scope="col">Network</th>
          </tr>
        </thead>
        <tbody>
          {machine.addresses.map((it) => (
            <tr key={`${it.ip} ${it.origin}`}>
              <td className="mono">{it.ip}</td>
              <td>{it.scope}</td>
              <td>{ORIGIN[it.origin] ?? it.origin}</td>
              <td title={it.network ?? undefined}>{it.network ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const ORIGIN: Record<string, string> = {
  floating: 'floating IP',
  fixed: 'network (fixed IP)',
  guest: 'guest tools',
};

function Explanation({ place, id }: { place: Place; id: string }) {
  const { data, error, refetch } = useQuery(explanationQuery(place, id));
  if (error) return <ErrorNotice error={error} retry={() => void refetch()} />;
  if (!data) return null;
  return (
    <dl className="facts">
      <dt>Connection policy</dt>
      <dd>
        <b>{data.policy}</b>
        {POLICY[data.policy] && `: ${POLICY[data.policy]}`}
      </dd>
      <dt>Configured by</dt>
      <dd>{data.policySource}</dd>
      <dt>Chosen</dt>
      <dd>
        {data.connectionAddress ? (
          <span className="mono">{data.connectionAddress}</span>
        ) : (
          sentence(`none, because ${data.noAddressBecause ?? 'the cloud tells no reason'}`)
        )}
      </dd>
    </dl>
  );
}

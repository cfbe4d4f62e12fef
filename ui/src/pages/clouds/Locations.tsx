import { Anchor, Badge, Button, Loader, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { type CloudLocation, countQuery, isVsphere, locationNoun, locationsQuery } from '../../api/clouds';
import { scopeSegment } from '../../api/scope';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { When } from '../../parts/When';

/** Each location asks for its numbers, so only some are shown at first. */
const FEW = 12;

/** What a link makes available: the regions or datacenters, and how much is in each. */
export function Locations({ envId, platform }: { envId: number; platform: string }) {
  const { data: locations, error, isPending, refetch } = useQuery(locationsQuery(envId, platform));
  const [isAll, setAll] = useState(false);
  const noun = locationNoun(platform);
  if (isPending) return <Loader size="sm" aria-label={`Loading ${noun}s`} />;
  if (error)
    return <ErrorNotice error={error} retry={() => void refetch()} title={`The ${noun}s cannot be listed`} />;
  if (locations.length === 0)
    return (
      <Text size="sm" c="dimmed">
        These credentials see no {noun}.
      </Text>
    );
  const shown = isAll ? locations : locations.slice(0, FEW);
  return (
    <>
      <div className="table-box" tabIndex={0} role="region" aria-label={`${noun}s`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{isVsphere(platform) ? 'Datacenter' : 'Region'}</th>
              <th scope="col" className="number">
                Machines
              </th>
              {!isVsphere(platform) && (
                <th scope="col" className="number">
                  Instance types
                </th>
              )}
              <th scope="col">Observed</th>
              {isVsphere(platform) && <th scope="col">vCenter</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map((it) => (
              <Location key={it.cloudLocation} envId={envId} platform={platform} location={it} />
            ))}
          </tbody>
        </table>
      </div>
      {isVsphere(platform) && locations[0] && <Sizes envId={envId} location={locations[0]} />}
      {shown.length < locations.length && (
        <Button variant="default" size="xs" onClick={() => setAll(true)}>
          Show all {locations.length} {noun}s
        </Button>
      )}
    </>
  );
}

/** vSphere has no instance types of its own: the sizes are defined here, the same for every datacenter. */
function Sizes({ envId, location }: { envId: number; location: CloudLocation }) {
  const types = useQuery(countQuery(envId, 'vmware', location.cloudLocation, 'instance-types'));
  return (
    <Text size="sm" c="dimmed" component="div">
      Instance types in every datacenter: <Count query={types} />
    </Text>
  );
}

type RowProps = { envId: number; platform: string; location: CloudLocation };

function Location({ envId, platform, location }: RowProps) {
  const { cloudLocation, name, vcenter } = location;
  const machines = useQuery(countQuery(envId, platform, cloudLocation, 'machines'));
  const types = useQuery({
    ...countQuery(envId, platform, cloudLocation, 'instance-types'),
    enabled: !isVsphere(platform),
  });
  const freshness = machines.data?.freshness;
  return (
    <tr>
      <td title={name}>
        <Anchor
          component={Link}
          to="/$scope/inventory/$cloud/$location/$noun"
          params={
            {
              scope: scopeSegment({ kind: 'environment', id: envId }),
              cloud: platform,
              location: cloudLocation,
              noun: 'machines',
            } as never
          }
          size="sm"
        >
          {name}
        </Anchor>
      </td>
      <td className="number">
        <Count query={machines} />
      </td>
      {!isVsphere(platform) && (
        <td className="number">
          <Count query={types} />
        </td>
      )}
      <td>
        {machines.data && <When at={freshness?.observedAt} />}
        {freshness?.stale && (
          <Tooltip label={freshness.error ?? 'older than it should be'} withArrow>
            <Badge color="yellow.4" c="black" radius="sm" tt="none" ml={6} tabIndex={0}>
              stale
            </Badge>
          </Tooltip>
        )}
      </td>
      {isVsphere(platform) && <td title={vcenter ?? undefined}>{vcenter && new URL(vcenter).host}</td>}
    </tr>
  );
}

function Count({ query }: { query: { data?: { total: number }; error: Error | null } }) {
  if (query.error)
    return (
      <Tooltip label={query.error.message} withArrow>
        <span tabIndex={0}>unknown</span>
      </Tooltip>
    );
  return query.data?.total.toLocaleString('en') ?? '…';
}

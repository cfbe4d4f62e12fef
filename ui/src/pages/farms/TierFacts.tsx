import './farms.css';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { isVsphere, locationsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import type { Farm, FarmRole } from '../../api/farms';
import { allQuery, sizesOf } from '../../api/inventory';
import { rolesQuery } from '../../api/roles';
import { environmentId, useScope } from '../../api/scope';
import { useNames } from '../inventory/useNames';
import { gib } from '../inventory/units';
import { locationWord } from '../inventory/nouns';

/** What servers of the tier are made of, by name. Until a name is known, or where it is not to be had, the id is shown. */
export function TierFacts({ farm, tier }: { farm: Farm; tier: FarmRole }) {
  const scope = useScope();
  const envId = environmentId(scope);
  const cloudPlatform = tier.cloudPlatform ?? '';
  const cloudLocation = tier.cloudLocation ?? '';
  const place = { envId, cloudPlatform, cloudLocation };
  const roles = useQuery(rolesQuery(scope));
  const locations = useQuery(locationsQuery(envId, cloudPlatform));
  const sizes = useQuery(allQuery(sizesOf(place, {})));
  const networkName = useNames(place, ['networks']);
  const role = roles.data?.find((it) => it.id === tier.role?.id);
  const location = locations.data?.find((it) => it.cloudLocation === cloudLocation);
  const size = sizes.data?.rows.find((it) => it.id === tier.instanceType?.id);
  const rootVolume = tier.storage?.[0]?.template;
  const isChosen = tier.cloudFeatures?.placementStrategy === 'scalr-auto';
  const networks = tier.networking?.networks ?? [];
  const { enabled, minInstances, maxInstances } = tier.scaling ?? {};
  return (
    <dl className="tier-facts">
      <Fact name="Role">{role?.name ?? tier.role?.id}</Fact>
      <Fact name="Cloud">
        {cloudName(cloudPlatform)}, {locationWord(cloudPlatform).toLowerCase()}{' '}
        {location?.name ?? cloudLocation}
      </Fact>
      <Fact name="Instance type">{size?.name ?? tier.instanceType?.id}</Fact>
      <Fact name="Networks">
        {networks.map((it) => networkName(it.id) ?? it.id).join(', ') ||
          (isVsphere(cloudPlatform) ? "as the template's" : 'those the cloud chooses')}
      </Fact>
      {rootVolume && <Fact name="Boots from">a volume of {gib(rootVolume.size)}</Fact>}
      {isChosen && <Fact name="Placement">hosts chosen by Stackyard</Fact>}
      <Fact name="How many">{enabled ? `${minInstances} to ${maxInstances}` : '1'}</Fact>
      <Fact name="Runs when">{tier.waitForPort ? `port ${tier.waitForPort} answers` : 'it is on'}</Fact>
      {farm.launchOrder === 'sequential' && <Fact name="Launch index">{tier.launchIndex ?? 0}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { locationsQuery } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import type { Place } from '../../api/inventory';
import { scopeSegment, useScope } from '../../api/scope';
import { NothingHere } from '../../frame/Failures';
import { Page } from '../../parts/Page';
import { Events } from '../vcenter/Events';
import { Files } from '../vcenter/Files';
import { Logs } from '../vcenter/Logs';
import { Tasks } from '../vcenter/Tasks';
import { useListState, usePlace } from './address';
import { KindNav } from './KindNav';
import { MachineList, ResourceList, SizeList } from './lists';
import { LocationSwitch } from './LocationSwitch';
import { MachineDrawer } from './MachineDrawer';
import { kindsOf, labelOf, locationWord, type View, viewsOf } from './nouns';
import { OnlyInEnvironments } from './OnlyInEnvironments';
import { ResourceDrawer } from './ResourceDrawer';
import { VsphereTree } from './VsphereTree';

/** What is in one region or datacenter. */
export function InventoryPage() {
  const scope = useScope();
  const { noun, place } = usePlace();
  const { cloudPlatform, cloudLocation, envId } = place;
  const { data: locations } = useQuery({
    ...locationsQuery(envId, cloudPlatform),
    enabled: scope.kind === 'environment',
  });
  const label = labelOf(cloudPlatform, noun);
  if (scope.kind !== 'environment')
    return (
      <OnlyInEnvironments title="Inventory" to="/$scope/inventory">
        Machines, images and networks are shown for the clouds that are linked to an environment.
      </OnlyInEnvironments>
    );
  if (!label) return <NothingHere />;
  const location = locations?.find((it) => it.cloudLocation === cloudLocation);
  const name = location?.name ?? cloudLocation;
  const vcenter = location?.vcenter ? `, vCenter ${new URL(location.vcenter).host}` : '';
  return (
    <Page
      title={noun === 'tree' ? `Tree of ${name}` : `${label} in ${name}`}
      hint={`${locationWord(cloudPlatform)} of ${cloudName(cloudPlatform)}${vcenter}`}
      actions={
        <>
          <Button
            component={Link}
            to="/$scope/inventory"
            params={{ scope: scopeSegment(scope) } as never}
            variant="default"
            leftSection={<IconArrowLeft size={16} aria-hidden />}
          >
            All locations
          </Button>
          <LocationSwitch place={place} noun={noun} />
        </>
      }
    >
      <KindNav place={place} noun={noun} />
      <Contents key={`${cloudLocation}/${noun}`} place={place} noun={noun} locationName={name} />
    </Page>
  );
}

function Contents({ place, noun, locationName }: { place: Place; noun: string; locationName: string }) {
  const [{ id }, change] = useListState();
  const close = () => change({ id: undefined });
  const kind = kindsOf(place.cloudPlatform).find((it) => it.noun === noun);
  const view = viewsOf(place.cloudPlatform).find((it) => it.noun === noun);
  if (view) return VIEWS[view.noun]({ place, locationName });
  if (!kind) return null;
  const props = { kind, place, locationName };
  if (kind.noun === 'instance-types') return <SizeList {...props} />;
  if (kind.noun === 'machines')
    return (
      <>
        <MachineList {...props} />
        <MachineDrawer place={place} id={id} onClose={close} />
      </>
    );
  return (
    <>
      <ResourceList {...props} noun={kind.noun} />
      <ResourceDrawer place={place} noun={kind.noun} id={id} onClose={close} />
    </>
  );
}

const VIEWS: Record<View, (props: { place: Place; locationName: string }) => ReactNode> = {
  tree: (props) => <VsphereTree {...props} />,
  'cloud-events': (props) => <Events {...props} />,
  'cloud-tasks': (props) => <Tasks {...props} />,
  'cloud-logs': ({ place }) => <Logs place={place} />,
  'datastore-files': ({ place }) => <Files place={place} />,
};

import { Anchor, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { scopeSegment } from '../../api/scope';
import { useSession } from '../../api/session';
import { Empty } from '../../parts/Empty';
import { Page } from '../../parts/Page';

/** An inventory is what the clouds of one environment hold. */
export function OnlyInEnvironments() {
  const { environments } = useSession();
  return (
    <Page title="Inventory">
      <Empty
        title="Choose an environment"
        action={
          <Group justify="center">
            {environments.map((it) => (
              <Anchor
                key={it.id}
                component={Link}
                to="/$scope/inventory"
                params={{ scope: scopeSegment({ kind: 'environment', id: it.id }) } as never}
                size="sm"
              >
                {it.name}
              </Anchor>
            ))}
          </Group>
        }
      >
        Machines, images and networks are shown for the clouds that are linked to an environment.
      </Empty>
    </Page>
  );
}

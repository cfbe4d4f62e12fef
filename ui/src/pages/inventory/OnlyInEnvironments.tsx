import { Anchor, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { scopeSegment } from '../../api/scope';
import { useSession } from '../../api/session';
import { Empty } from '../../parts/Empty';
import { Page } from '../../parts/Page';

type Props = {
  title: string;
  to:
    | '/$scope/inventory'
    | '/$scope/farms'
    | '/$scope/servers'
    | '/$scope/volumes'
    | '/$scope/networks'
    | '/$scope/security-groups'
    | '/$scope/floating-ips';
  children: ReactNode;
};

/** For pages of things that belong to one environment, opened in another scope. */
export function OnlyInEnvironments({ title, to, children }: Props) {
  const { environments } = useSession();
  return (
    <Page title={title}>
      <Empty
        title="Choose an environment"
        action={
          <Group justify="center">
            {environments.map((it) => (
              <Anchor
                key={it.id}
                component={Link}
                to={to}
                params={{ scope: scopeSegment({ kind: 'environment', id: it.id }) } as never}
                size="sm"
              >
                {it.name}
              </Anchor>
            ))}
          </Group>
        }
      >
        {children}
      </Empty>
    </Page>
  );
}

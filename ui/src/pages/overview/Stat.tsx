import { Card, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { type Scope, scopeSegment } from '../../api/scope';

type Props = {
  label: string;
  value: number | undefined;
  error?: Error | null;
  /** The page that lists them. */
  to:
    | '/$scope/accounts'
    | '/$scope/environments'
    | '/$scope/credentials'
    | '/$scope/users'
    | '/$scope/teams'
    | '/$scope/clouds'
    | '/$scope/inventory'
    | '/$scope/farms'
    | '/$scope/servers';
  /** What the number is made of. */
  detail?: string;
  scope: Scope;
};

/** How many there are of something, as the way to them. */
export function Stat({ label, value, error, to, scope, detail }: Props) {
  return (
    <Card
      withBorder
      padding="sm"
      component={Link}
      to={to}
      params={{ scope: scopeSegment(scope) } as never}
      className="stat"
    >
      <Text fz={26} fw={600} lh={1.2} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {error ? '–' : (value?.toLocaleString('en') ?? '…')}
      </Text>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {detail && <Text size="xs">{detail}</Text>}
      {error && <Text size="xs">{error.message}</Text>}
    </Card>
  );
}

import { Group } from '@mantine/core';
import type { ReactNode } from 'react';

import { Copy } from './Copy';

/** One line of a list of the class `facts`. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** An id or address, to be copied. `what`: such as `the ID`. */
export function Id({ value, what }: { value: string; what: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <span className="mono">{value}</span>
      <Copy value={value} what={what} />
    </Group>
  );
}

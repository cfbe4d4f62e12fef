import { Badge } from '@mantine/core';

const COLOR: Record<string, string> = {
  passed: 'teal',
  enabled: 'teal',
  active: 'teal',
  succeeded: 'teal',
  on: 'teal',
  warning: 'orange',
  suspended: 'orange',
  running: 'steel',
  failed: 'red',
};

/** A word of state. The word says it all; the colour only helps. */
export function Status({ value }: { value: string | null | undefined }) {
  if (!value) return <span>–</span>;
  return (
    <Badge
      color={COLOR[value] ?? 'gray'}
      variant="light"
      radius="sm"
      tt="none"
      fw={600}
      className="status"
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      {value}
    </Badge>
  );
}

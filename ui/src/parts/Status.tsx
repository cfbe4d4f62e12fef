import { Badge } from '@mantine/core';

const COLOR: Record<string, string> = {
  passed: 'teal',
  enabled: 'teal',
  active: 'teal',
  succeeded: 'teal',
  on: 'teal',
  done: 'teal',
  warning: 'orange',
  suspended: 'orange',
  running: 'steel',
  failed: 'red',
};

/** Of what is brought about in clouds, where running is what one hopes for and not what one waits for. */
const SERVER_COLOR: Record<string, string> = {
  pending_launch: 'steel',
  pending: 'steel',
  initializing: 'steel',
  running: 'teal',
  resuming: 'steel',
  rebooting: 'steel',
  pending_suspend: 'orange',
  suspended: 'orange',
  pending_terminate: 'grape',
  terminated: 'gray',
  creating: 'steel',
  ready: 'teal',
  updating: 'steel',
  failed: 'red',
  deleting: 'grape',
  deleted: 'gray',
};

/** The status of a server, farm, volume or network; `pending_launch` is read as `pending launch`. */
export function ServerStatus({ value }: { value: string }) {
  return <Word color={SERVER_COLOR[value]}>{value.replaceAll('_', ' ')}</Word>;
}

/** A word of state. The word says it all; the colour only helps. */
export function Status({ value }: { value: string | null | undefined }) {
  if (!value) return <span>–</span>;
  return <Word color={COLOR[value]}>{value}</Word>;
}

function Word({ color = 'gray', children }: { color: string | undefined; children: string }) {
  return (
    <Badge
      color={color}
      variant="light"
      radius="sm"
      tt="none"
      fw={600}
      className="status"
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      {children}
    </Badge>
  );
}

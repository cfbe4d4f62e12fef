import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';

type Choosable = { id: string; label: string; isExtra?: boolean };

type Props = {
  /** The first is always shown. */
  columns: Choosable[];
  visible: string[];
  onChange: (columns: string | undefined) => void;
};

export function usual(columns: Choosable[]): string[] {
  return columns.filter((it) => !it.isExtra).map((it) => it.id);
}

/** Which columns a table has; kept in the page's address. */
export function ColumnChoice({ columns, visible, onChange }: Props) {
  const [first, ...others] = columns;
  const choose = (chosen: string[]) => {
    const ids = columns.map((it) => it.id).filter((id) => id === first?.id || chosen.includes(id));
    onChange(ids.join() === usual(columns).join() ? undefined : ids.join());
  };
  return (
    <Popover position="bottom-end" shadow="md" withinPortal trapFocus>
      <Popover.Target>
        <Button size="xs" variant="default" leftSection={<IconColumns3 size={14} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns of the table" mah="60dvh" style={{ overflowY: 'auto' }}>
        <Stack gap="xs">
          <Checkbox.Group value={visible} onChange={choose} aria-label="Columns">
            <Stack gap={6}>
              {others.map((it) => (
                <Checkbox key={it.id} size="xs" value={it.id} label={it.label} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Button size="xs" variant="default" onClick={() => onChange(undefined)}>
            Usual columns
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

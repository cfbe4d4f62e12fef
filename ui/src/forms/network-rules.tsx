import { ActionIcon, Button, Fieldset, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';

import { MOST_RULES, type NetworkValues } from './network-values';

const PROTOCOLS = [
  { value: 'tcp', label: 'TCP' },
  { value: 'udp', label: 'UDP' },
  { value: 'icmp', label: 'ICMP' },
];
/** What most networks begin with. */
const SSH = { protocol: 'tcp', ports: '22', from: '' };
const OTHER = { protocol: 'tcp', ports: '', from: '' };

type Props = { form: UseFormReturnType<NetworkValues> };

/** Who may send what to the servers of a network, and whom they ask for names: what can be changed later. */
export function NetworkFields({ form }: Props) {
  return (
    <>
      <TextInput
        label="DNS servers"
        description="Addresses with commas between them, the first to be asked first. Empty: the cloud’s own."
        spellCheck={false}
        {...form.getInputProps('dnsServers')}
      />
      <RuleFields form={form} />
    </>
  );
}

/** What a security group lets in. */
export function RuleFields({ form }: Props) {
  const { rules } = form.values;
  const add = useRef<HTMLButtonElement>(null);
  const insert = () => {
    const key = Math.max(-1, ...rules.map((it) => it.key)) + 1;
    form.insertListItem('rules', { ...(rules.length === 0 ? SSH : OTHER), key });
  };
  const remove = (index: number) => {
    form.removeListItem('rules', index);
    // The button that had the focus is gone.
    add.current?.focus();
  };
  return (
    <Fieldset
      legend="Rules"
      styles={{ legend: { fontSize: 'var(--mantine-font-size-sm)', fontWeight: 600 } }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          What is not allowed here is not let in; everything is let out. Empty ports are all ports; from
          0.0.0.0/0 is from everywhere.
        </Text>
        {rules.map((rule, index) => (
          <Group key={rule.key} gap="xs" align="flex-start" role="group" aria-label={`Rule ${index + 1}`}>
            <Select
              w={92}
              aria-label={`Protocol of rule ${index + 1}`}
              allowDeselect={false}
              data={PROTOCOLS}
              {...form.getInputProps(`rules.${index}.protocol`)}
            />
            <TextInput
              w={120}
              aria-label={`Ports of rule ${index + 1}`}
              placeholder={rule.protocol === 'icmp' ? 'No ports' : 'All ports'}
              disabled={rule.protocol === 'icmp'}
              {...form.getInputProps(`rules.${index}.ports`)}
            />
            <Text size="sm" pt={8} aria-hidden>
              from
            </Text>
            <TextInput
              flex="1 1 9rem"
              aria-label={`Rule ${index + 1} allows`}
              placeholder="Addresses"
              spellCheck={false}
              {...form.getInputProps(`rules.${index}.from`)}
            />
            <ActionIcon
              variant="default"
              size={36}
              aria-label={`Remove rule ${index + 1}`}
              onClick={() => remove(index)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          ref={add}
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          style={{ alignSelf: 'flex-start' }}
          disabled={rules.length >= MOST_RULES}
          onClick={insert}
        >
          Add rule
        </Button>
      </Stack>
    </Fieldset>
  );
}

import { Button, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { machineQuery, machinesOf, pageQuery, type Place } from '../../api/inventory';
import { instant, localTime } from '../audit/times';
import { useListState } from '../inventory/address';

export const NO_EVENT_FILTER = { machine: undefined, since: undefined, until: undefined };

/** Of which machine, and of which time. */
export function EventFilters({ place }: { place: Place }) {
  const [{ machine, since, until }, change] = useListState();
  const form = useForm({
    initialValues: { since: localTime(since), until: localTime(until) },
    validate: {
      until: (value, values) =>
        values.since && value && value <= values.since ? 'The end is not after the beginning.' : null,
    },
  });
  const apply = form.onSubmit(
    (values) => change({ since: instant(values.since), until: instant(values.until) }),
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
  );
  return (
    <form onSubmit={apply} noValidate role="search" aria-label="Filter of events">
      <Group gap="xs" align="flex-start">
        <MachineFilter place={place} value={machine} onChange={(next) => change({ machine: next })} />
        <TextInput
          size="xs"
          type="datetime-local"
          label="From (your time)"
          {...form.getInputProps('since')}
        />
        <TextInput
          size="xs"
          type="datetime-local"
          label="Until (your time)"
          {...form.getInputProps('until')}
        />
        <Group gap="xs" pt={25}>
          <Button type="submit" size="xs">
            Filter
          </Button>
          {(machine || since || until) && (
            <Button size="xs" variant="default" onClick={() => change(NO_EVENT_FILTER)}>
              Clear
            </Button>
          )}
        </Group>
      </Group>
    </form>
  );
}

type MachineProps = {
  place: Place;
  value: string | undefined;
  onChange: (id: string | undefined) => void;
};

/** There may be thousands, so the server looks for what is typed. */
function MachineFilter({ place, value, onChange }: MachineProps) {
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 250);
  const chosen = useQuery({ ...machineQuery(place, value ?? ''), enabled: Boolean(value) });
  const name = chosen.data?.name ?? value ?? '';
  // What stands in the field is what was chosen, and nothing to look for.
  const nameContains = asked && asked !== name ? asked : undefined;
  const found = useQuery(pageQuery(machinesOf(place, { nameContains, sort: 'name' }), 1));
  const choices = (found.data?.rows ?? []).map((it) => ({ value: it.id, label: it.name }));
  if (value && !choices.some((it) => it.value === value)) choices.unshift({ value, label: name });
  return (
    <Select
      size="xs"
      w={220}
      label="Machine"
      placeholder="Any machine"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Any machine' }}
      data={choices}
      filter={({ options }) => options}
      searchValue={search}
      onSearchChange={setSearch}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      nothingFoundMessage={found.isFetching ? 'Searching' : 'None has this in its name'}
      error={found.error?.message}
    />
  );
}

import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilterOff, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { memo, useEffect, useRef, useState } from 'react';

import { allQuery, type Place, type ResourceNoun, resourcesOf } from '../../api/inventory';
import type { ListState } from './address';
import type { Kind } from './nouns';

type Props = {
  kind: Kind;
  place: Place;
  state: ListState;
  change: (changes: Partial<ListState>) => void;
};

const POWER = ['on', 'off', 'suspended', 'unknown'];
/** From the first row again. */
const TOP = { page: undefined };
export const NO_FILTER = {
  q: undefined,
  power: undefined,
  status: undefined,
  address: undefined,
  parent: undefined,
  ...TOP,
};

export function isFiltered(state: ListState): boolean {
  return Boolean(state.q || state.power || state.status || state.address || state.parent);
}

/** What the server is asked for: all of it narrows the list on the server, none here. */
export function Filters({ kind, place, state, change }: Props) {
  const isMachines = kind.noun === 'machines';
  // The server finds sizes by their whole name alone.
  const name = kind.noun === 'instance-types' ? 'Whole name' : 'Name contains';
  return (
    <Group
      gap="xs"
      className="inventory-filters"
      role="search"
      aria-label={`Filter of ${kind.label.toLowerCase()}`}
    >
      <Typed name="q" label={name} value={state.q} change={change} />
      {isMachines && <Typed name="address" label="Address contains" value={state.address} change={change} />}
      {isMachines && <Chosen name="power" label="Power" values={POWER} value={state.power} change={change} />}
      {kind.statuses && (
        <Chosen name="status" label="Status" values={kind.statuses} value={state.status} change={change} />
      )}
      {kind.within && (
        <Within
          name="parent"
          label={kind.within.label}
          noun={kind.within.noun}
          place={place}
          value={state.parent}
          change={change}
        />
      )}
      {isFiltered(state) && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconFilterOff size={14} aria-hidden />}
          onClick={() => change(NO_FILTER)}
        >
          Clear filters
        </Button>
      )}
    </Group>
  );
}

/** Fields are drawn anew only when their own value changes: a list of thousands is being drawn at the same time. */
type FieldProps = {
  name: 'q' | 'address' | 'power' | 'status' | 'parent';
  label: string;
  value: string | undefined;
  change: Props['change'];
};

/** Asks once typing pauses. */
const Typed = memo(function Typed({ name, label, value = '', change }: FieldProps) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  // Changed by another hand than this field's: a link, going back, all filters cleared.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);
  const send = useDebouncedCallback((next: string) => {
    sent.current = next;
    change({ [name]: next || undefined, ...TOP });
  }, 250);
  return (
    <TextInput
      size="xs"
      w={{ base: 'calc(50% - 0.4rem)', xs: 190 }}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        send(event.currentTarget.value.trim());
      }}
    />
  );
});

/** A value that is in the page's address is shown even when it is none of the usual ones. */
const Chosen = memo(function Chosen(props: FieldProps & { values: string[] }) {
  const { name, label, value, change, values } = props;
  return (
    <Select
      size="xs"
      w={{ base: 'calc(50% - 0.4rem)', xs: 140 }}
      aria-label={label}
      placeholder={`Any ${label.toLowerCase()}`}
      data={value && !values.includes(value) ? [value, ...values] : values}
      value={value ?? null}
      onChange={(next) => change({ [name]: next ?? undefined, ...TOP })}
      clearable
    />
  );
});

const Within = memo(function Within(props: FieldProps & { noun: ResourceNoun; place: Place }) {
  const { name, label, value, change, noun, place } = props;
  const { data, error } = useQuery(allQuery(resourcesOf(place, noun, { sort: 'name' })));
  const known = (data?.rows ?? []).map((it) => ({ value: it.id, label: it.name }));
  return (
    <Select
      size="xs"
      w={{ base: 'calc(50% - 0.4rem)', xs: 190 }}
      aria-label={label}
      placeholder={`Any ${label.toLowerCase()}`}
      data={value && !known.some((it) => it.value === value) ? [{ value, label: value }, ...known] : known}
      value={value ?? null}
      onChange={(next) => change({ [name]: next ?? undefined, ...TOP })}
      error={error?.message}
      searchable
      clearable
      limit={100}
      nothingFoundMessage="None has this in its name"
    />
  );
});

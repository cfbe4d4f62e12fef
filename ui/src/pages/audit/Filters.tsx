import './audit.css';

import { Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { NO_FILTER, useAuditSearch, useShow } from './address';
import { instant, localTime } from './times';

/** What of the log is shown. The server compares exactly, so nothing is asked for while one types. */
export function Filters() {
  const search = useAuditSearch();
  const show = useShow();
  const form = useForm({
    initialValues: {
      actor: search.actor ?? '',
      action: search.action ?? '',
      type: search.type ?? '',
      object: search.object ?? '',
      request: search.request ?? '',
      from: localTime(search.from),
      to: localTime(search.to),
    },
    validate: {
      to: (to, { from }) => (from && to && to <= from ? 'The end is not after the beginning' : null),
    },
  });
  const isFiltered = Object.entries(search).some(([name, value]) => name in NO_FILTER && value);
  const apply = form.onSubmit(
    ({ from, to, ...texts }) => {
      const named = Object.entries(texts).map(([name, value]) => [name, value.trim() || undefined]);
      show({ ...Object.fromEntries(named), from: instant(from), to: instant(to), page: undefined });
    },
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
  );
  const text = (name: keyof typeof form.values, label: string, placeholder: string) => (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      autoComplete="off"
      {...form.getInputProps(name)}
    />
  );
  const time = (name: 'from' | 'to', label: string) => (
    <TextInput size="xs" type="datetime-local" label={label} {...form.getInputProps(name)} />
  );
  return (
    <form onSubmit={apply} noValidate role="search" aria-label="Filter the audit log">
      <div className="audit-filters">
        {text('actor', 'Who', 'ada@example.org')}
        {text('action', 'Action', 'environments.update')}
        {text('type', 'Object type', 'environments')}
        {text('object', 'Object ID', 'whole ID')}
        {text('request', 'Request ID', 'whole ID')}
        {time('from', 'From (your time)')}
        {time('to', 'Until (your time)')}
        <Group gap="xs" align="flex-end">
          <Button type="submit" size="xs">
            Filter
          </Button>
          {isFiltered && (
            <Button size="xs" variant="default" onClick={() => show(NO_FILTER)}>
              Clear
            </Button>
          )}
        </Group>
      </div>
    </form>
  );
}

import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import type { Schemas } from '../api/client';
import { createOwnToken } from '../api/profile';
import { parseScope, scopeSegment } from '../api/scope';
import { useSession } from '../api/session';
import { FormDialog } from '../parts/FormDialog';
import { dayAfter, endOfDay } from './expiry';

const DEFAULT_DAYS = 90;
const MOST_DAYS = 365;
const NO_LIMIT = 'none';

/** Makes a bearer token. `done` gets the only answer that has it. */
export function TokenForm({ done }: { done: (token: Schemas['Token']) => void }) {
  const session = useSession();
  const form = useForm({
    initialValues: { name: '', limit: NO_LIMIT, day: dayAfter(DEFAULT_DAYS) },
    validate: {
      name: (value) => (value.trim() ? null : 'Enter a name'),
      day: (value) => {
        if (!value) return 'Choose a day; every token expires';
        if (endOfDay(value) <= new Date()) return 'This day is over';
        return value <= dayAfter(MOST_DAYS) ? null : 'At most a year from now';
      },
    },
  });
  const act = ({ name, limit, day }: typeof form.values) => {
    const place = parseScope(limit);
    return createOwnToken({
      name: name.trim(),
      expiresAt: endOfDay(day).toISOString(),
      ...(place?.kind === 'account' ? { accountId: place.id } : {}),
      ...(place?.kind === 'environment' ? { environmentId: place.id } : {}),
    });
  };
  return (
    <FormDialog label="New token" submit="Create" form={form} act={act} done={done}>
      <TextInput
        label="Name"
        description="What uses it, so that you know later what deleting it stops."
        autoComplete="off"
        maxLength={255}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Select
        label="Limited to"
        description="A token that is limited may do what you may do there, and nothing elsewhere."
        data={[
          { value: NO_LIMIT, label: 'no limit: all that you may do' },
          {
            group: 'Accounts',
            items: session.accounts.map((it) => ({
              value: scopeSegment({ kind: 'account', id: it.id }),
              label: `account ${it.name}`,
            })),
          },
          {
            group: 'Environments',
            items: session.environments.map((it) => ({
              value: scopeSegment({ kind: 'environment', id: it.id }),
              label: `environment ${it.name} (${it.accountName})`,
            })),
          },
        ]}
        searchable
        allowDeselect={false}
        {...form.getInputProps('limit')}
      />
      <TextInput
        type="date"
        label="Last day"
        description="Afterwards it is refused. At most a year from now."
        {...form.getInputProps('day')}
      />
    </FormDialog>
  );
}

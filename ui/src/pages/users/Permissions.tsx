import { Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useSession } from '../../api/session';
import { permissionsOfQuery } from '../../api/users';
import { Empty } from '../../parts/Empty';
import { Rows } from '../../parts/Rows';

/** What a user may do in a place, and which team and role each permission comes from. */
export function Permissions({ account, userId }: { account: number; userId: number }) {
  const session = useSession();
  const [environment, setEnvironment] = useState('');
  const list = useQuery({
    ...permissionsOfQuery(account, userId, environment ? Number(environment) : undefined),
    select: (of) =>
      Object.entries(of.granted).map(([permission, because]) => ({
        permission,
        because: because.join('; '),
      })),
  });
  const environments = session.environments.filter((it) => it.accountId === account);
  return (
    <Stack>
      <Select
        label="In"
        data={[
          { value: '', label: 'the account itself' },
          ...environments.map((it) => ({ value: String(it.id), label: `environment ${it.name}` })),
        ]}
        value={environment}
        onChange={(value) => setEnvironment(value ?? '')}
        allowDeselect={false}
        maw={320}
      />
      <Text size="sm" c="dimmed">
        A permission comes from being an administrator, or from the ACL role a team gives in an environment.
      </Text>
      <Rows
        label="Permissions"
        list={list}
        rowKey={(row) => row.permission}
        empty={
          <Empty title="No permissions here">
            Put the user into a team that has access to this environment.
          </Empty>
        }
        columns={[
          { id: 'permission', label: 'May', cell: (row) => <span className="mono">{row.permission}</span> },
          { id: 'because', label: 'Because', text: (row) => row.because, cell: (row) => row.because },
        ]}
      />
    </Stack>
  );
}

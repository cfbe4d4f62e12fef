import { Code, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { deleteOwnKey, ownKeysQuery } from '../../api/profile';
import { ApiKeyForm } from '../../forms/api-key-create';
import { ShownOnce } from '../../parts/ShownOnce';
import { ApiKeys } from '../users/Logins';

/** One's own key pairs. */
export function OwnKeys() {
  const list = useQuery(ownKeysQuery);
  const queries = useQueryClient();
  const [made, setMade] = useState<[string, string][]>([]);
  const readAnew = () => void queries.invalidateQueries({ queryKey: ['api-keys'] });
  const create = (
    <ApiKeyForm
      done={(key) => {
        setMade([
          ['Key ID', key.id ?? ''],
          ['Secret key', key.secretKey ?? ''],
        ]);
        readAnew();
      }}
    />
  );
  const isEmpty = list.data?.length === 0;
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed" flex="1 1 16rem">
          A key pair signs requests of scripts and of scalr-ctl. It may do what you may do. Give it to the
          client with <Code>stackyard login</Code>.
        </Text>
        {!isEmpty && create}
      </Group>
      <ApiKeys list={list} end={deleteOwnKey} done={readAnew} create={create} />
      <ShownOnce title="The new API key" values={made} onClose={() => setMade([])} />
    </Stack>
  );
}

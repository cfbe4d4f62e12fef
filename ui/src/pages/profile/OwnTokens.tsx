import { Code, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { deleteOwnToken, ownTokensQuery } from '../../api/profile';
import { TokenForm } from '../../forms/token-create';
import { ShownOnce } from '../../parts/ShownOnce';
import { Tokens } from '../users/Logins';

/** One's own bearer tokens. */
export function OwnTokens() {
  const list = useQuery(ownTokensQuery);
  const queries = useQueryClient();
  const [made, setMade] = useState<[string, string][]>([]);
  const readAnew = () => void queries.invalidateQueries({ queryKey: ['tokens'] });
  const create = (
    <TokenForm
      done={(token) => {
        setMade([['Token', token.token ?? '']]);
        readAnew();
      }}
    />
  );
  const isEmpty = list.data?.length === 0;
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed" flex="1 1 16rem">
          A token is sent as <Code>Authorization: Bearer …</Code> and may do what you may do, within its
          limits.
        </Text>
        {!isEmpty && create}
      </Group>
      <Tokens list={list} end={deleteOwnToken} done={readAnew} create={create} />
      <ShownOnce title="The new token" values={made} onClose={() => setMade([])} />
    </Stack>
  );
}

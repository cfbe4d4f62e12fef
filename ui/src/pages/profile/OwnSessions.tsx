import { Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { endOwnSession, ownSessionsQuery } from '../../api/profile';
import { Sessions } from '../users/Logins';

/** Where one is logged in. */
export function OwnSessions() {
  const list = useQuery(ownSessionsQuery);
  const queries = useQueryClient();
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        The browsers you are logged in with. End those you do not know, and change your password.
      </Text>
      <Sessions
        list={list}
        end={endOwnSession}
        done={() => void queries.invalidateQueries({ queryKey: ['sessions'] })}
      />
    </Stack>
  );
}

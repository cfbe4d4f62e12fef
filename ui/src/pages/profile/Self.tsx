import { Group, Loader, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { profileQuery } from '../../api/profile';
import { useSession } from '../../api/session';
import { PasswordForm } from '../../forms/password-change';
import { NameForm } from '../../forms/profile-edit';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';

/** Who one is, and where one may work. */
export function Self() {
  const session = useSession();
  const { data: user, error, refetch } = useQuery(profileQuery);
  const queries = useQueryClient();
  if (error && !user) return <ErrorNotice error={error} retry={() => void refetch()} />;
  if (!user) return <Loader role="status" aria-label="Loading your user" />;
  const home = session.accounts.find((it) => it.id === user.accountId)?.name;
  const belongs = user.accountId ? `account ${home ?? user.accountId}` : 'the Scalr scope';
  const readAnew = () => {
    for (const topic of ['users', 'session']) void queries.invalidateQueries({ queryKey: [topic] });
  };
  return (
    <Stack>
      <dl className="facts">
        <dt>Email</dt>
        <dd>{user.email}</dd>
        <dt>Name</dt>
        <dd>{user.name}</dd>
        <dt>Belongs to</dt>
        <dd>{belongs}</dd>
        <dt>Administrator</dt>
        <dd>{user.isAdmin ? (user.accountId ? 'of this account' : 'of the whole installation') : 'no'}</dd>
        <dt>Status</dt>
        <dd>
          <Status value={user.status} />
        </dd>
        <dt>Accounts</dt>
        <dd>{session.accounts.map((it) => it.name).join(', ') || '–'}</dd>
        <dt>Environments</dt>
        <dd>
          {session.environments.map((it) => `${it.name} (${it.accountName})`).join(', ') ||
            'none yet; ask an administrator to put you into a team'}
        </dd>
        <dt>Last login</dt>
        <dd>
          <When at={user.lastLogin} />
        </dd>
        <dt>Added</dt>
        <dd>
          <When at={user.added} />
        </dd>
      </dl>
      <Group gap="xs">
        <NameForm key={user.name} name={user.name ?? ''} done={readAnew} />
        <PasswordForm done={() => void queries.invalidateQueries({ queryKey: ['sessions'] })} />
      </Group>
    </Stack>
  );
}

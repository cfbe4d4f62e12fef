import { Alert, Group, Loader, Tabs } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { scopeSegment, useScope } from '../../api/scope';
import {
  deleteKeyOf,
  deleteTokenOf,
  deleteUser,
  endSessionOf,
  keysOfQuery,
  sessionsOfQuery,
  tokensOfQuery,
  unlockUser,
  userQuery,
} from '../../api/users';
import { UserForm } from '../../forms/user-edit';
import { Confirm } from '../../parts/Confirm';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import { ApiKeys, Sessions, Tokens } from './Logins';
import { Permissions } from './Permissions';
import { isLocked } from './UsersPage';

/** One user: what they may do, and the ways they are logged in. */
export function UserPage() {
  const scope = useScope();
  const userId = Number(useParams({ from: '/in/$scope/users/$userId' }).userId);
  const { tab } = useSearch({ from: '/in/$scope/users/$userId' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const user = useQuery(userQuery(scope, userId));
  const sessions = useQuery(sessionsOfQuery(scope, userId));
  const keys = useQuery(keysOfQuery(scope, userId));
  const tokens = useQuery(tokensOfQuery(scope, userId));
  const readAnew = (topic: string) => () => void queries.invalidateQueries({ queryKey: [topic] });
  if (user.error && (!user.data || isGone(user.error)))
    return (
      <Page title="User">
        <ErrorNotice error={user.error} retry={() => void user.refetch()} />
      </Page>
    );
  if (!user.data) return <Loader role="status" aria-label="Loading the user" />;
  const it = user.data;
  const first = scope.kind === 'account' ? 'permissions' : 'sessions';
  return (
    <Page
      title={it.email ?? ''}
      hint={it.name}
      actions={
        <Group gap="xs">
          <UserForm key={JSON.stringify(it)} scope={scope} user={it} done={readAnew('users')} />
          <Confirm
            label="Delete"
            size="sm"
            question={`Delete user ${it.email}?`}
            act={() => deleteUser(scope, userId)}
            done={() => void navigate({ to: '/$scope/users', params: { scope: scopeSegment(scope) } })}
          >
            Their sessions, API keys and tokens end. The audit log keeps what they did.
          </Confirm>
        </Group>
      }
    >
      {isLocked(it) && (
        <Alert color="orange" variant="light" title="Locked">
          <Group justify="space-between">
            <span>
              Too many wrong passwords. The lock ends <When at={it.lockedUntil} />.
            </span>
            <Confirm
              label="Unlock"
              question="Unlock this user?"
              act={() => unlockUser(scope, userId)}
              done={readAnew('users')}
            />
          </Group>
        </Alert>
      )}
      <dl className="facts">
        <dt>Status</dt>
        <dd>
          <Status value={it.status} />
        </dd>
        <dt>Administrator</dt>
        <dd>
          {it.isAdmin ? (scope.kind === 'global' ? 'of the whole installation' : 'of this account') : 'no'}
        </dd>
        <dt>Last login</dt>
        <dd>
          <When at={it.lastLogin} />
        </dd>
        <dt>Added</dt>
        <dd>
          <When at={it.added} />
        </dd>
      </dl>
      <Tabs
        value={tab ?? first}
        onChange={(next) =>
          void navigate({
            to: '.',
            search: { tab: next === first ? undefined : (next ?? undefined) },
            replace: true,
          })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {scope.kind === 'account' && <Tabs.Tab value="permissions">Permissions</Tabs.Tab>}
          <Tabs.Tab value="sessions">Sessions</Tabs.Tab>
          <Tabs.Tab value="keys">API keys</Tabs.Tab>
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
        </Tabs.List>
        {scope.kind === 'account' && (
          <Tabs.Panel value="permissions">
            <Permissions account={scope.id} userId={userId} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="sessions">
          <Sessions
            list={sessions}
            end={(id) => endSessionOf(scope, userId, id)}
            done={readAnew('sessions')}
          />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <ApiKeys list={keys} end={(id) => deleteKeyOf(scope, userId, id)} done={readAnew('api-keys')} />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens list={tokens} end={(id) => deleteTokenOf(scope, userId, id)} done={readAnew('tokens')} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

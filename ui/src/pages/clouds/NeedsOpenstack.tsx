import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { useSession } from '../../api/session';
import { Empty } from '../../parts/Empty';

/** For what only OpenStack has, in an environment that is not linked to one. */
export function NeedsOpenstack({ envId, children }: { envId: number; children: ReactNode }) {
  const session = useSession();
  const accountId = session.environments.find((it) => it.id === envId)?.accountId;
  const account = session.accounts.find((it) => it.id === accountId);
  return (
    <Empty
      title="No OpenStack is linked to this environment"
      action={
        account && (
          <Button
            component={Link}
            to="/$scope/environments/$envId"
            params={{ scope: `account-${account.id}`, envId: String(envId) } as never}
          >
            Link OpenStack
          </Button>
        )
      }
    >
      {children}{' '}
      {account
        ? 'Link credentials of the account for one first.'
        : 'Ask an administrator of the account to link credentials for one.'}
    </Empty>
  );
}

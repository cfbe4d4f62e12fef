import { Alert, Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { type Scope, scopeSegment, useScope } from '../api/scope';
import { type CurrentSession, useSession } from '../api/session';

type Props = {
  /** Such as `image`. */
  what: string;
  /** The scope that has it, as the API names it. */
  owner: string | null | undefined;
  link:
    | { to: '/$scope/images/$imageId'; params: { imageId: string } }
    | { to: '/$scope/roles/$roleId'; params: { roleId: string } };
};

/** For what is seen here and was made higher up: where it can be changed, and the way there for those who may go. */
export function MadeElsewhere({ what, owner, link }: Props) {
  const session = useSession();
  const there = above(session, useScope(), owner);
  const place = owner === 'scalr' ? 'at Scalr scope' : 'in the account';
  return (
    <Alert color="gray" variant="light" role="note">
      This {what} was made {place} and can be changed only there.{' '}
      {there && (
        <Anchor
          component={Link}
          to={link.to}
          params={{ ...link.params, scope: scopeSegment(there) } as never}
          size="sm"
          underline="always"
        >
          Open it there
        </Anchor>
      )}
    </Alert>
  );
}

function above(session: CurrentSession, here: Scope, owner: string | null | undefined): Scope | undefined {
  if (owner === 'scalr') return session.isGlobalAdministrator ? { kind: 'global' } : undefined;
  if (here.kind !== 'environment') return undefined;
  const accountId = session.environments.find((it) => it.id === here.id)?.accountId;
  const account = session.accounts.find((it) => it.id === accountId);
  return account && { kind: 'account', id: account.id };
}

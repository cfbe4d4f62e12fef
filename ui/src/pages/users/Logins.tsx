import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import type { Schemas } from '../../api/client';
import { type CurrentSession, useSession } from '../../api/session';
import { Confirm } from '../../parts/Confirm';
import { Empty } from '../../parts/Empty';
import { Rows } from '../../parts/Rows';
import { When } from '../../parts/When';

type Shown<T> = {
  list: UseQueryResult<T[], Error>;
  /** Ends or deletes one. */
  end: (id: string) => Promise<unknown>;
  done: () => void;
  /** What makes one, for the list of oneself that is empty. */
  create?: ReactNode;
};

/** Logins in browsers, of oneself or of a user one administers. */
export function Sessions({ list, end, done }: Shown<Schemas['Session']>) {
  return (
    <Rows
      label="Sessions"
      list={list}
      rowKey={(row) => row.id}
      empty={<Empty title="No sessions">Nobody is logged in with this user in a browser.</Empty>}
      columns={[
        {
          id: 'from',
          label: 'From',
          cell: (row) => `${row.remoteAddress}${row.isCurrent ? ' (this one)' : ''}`,
        },
        { id: 'agent', label: 'Browser', text: (row) => row.userAgent, cell: (row) => row.userAgent || '–' },
        { id: 'used', label: 'Last used', cell: (row) => <When at={row.lastUsedAt} /> },
        { id: 'expires', label: 'Ends', cell: (row) => <When at={row.expiresAt} /> },
        {
          id: 'actions',
          label: 'Actions',
          cell: (row) => (
            <Confirm label="End" question="End this session?" act={() => end(row.id)} done={done}>
              The browser at {row.remoteAddress} has to log in again.
            </Confirm>
          ),
        },
      ]}
    />
  );
}

/** Key pairs for signed requests. */
export function ApiKeys({ list, end, done, create }: Shown<Schemas['ApiKey']>) {
  return (
    <Rows
      label="API keys"
      list={list}
      rowKey={(row) => row.id ?? ''}
      empty={
        <Empty title="No API keys" action={create}>
          A key pair signs the requests of scripts and of scalr-ctl.
        </Empty>
      }
      columns={[
        { id: 'id', label: 'Key ID', cell: (row) => <span className="mono">{row.id}</span> },
        { id: 'name', label: 'Name', text: (row) => row.name ?? '', cell: (row) => row.name || '–' },
        { id: 'status', label: 'Status', cell: (row) => row.status },
        { id: 'used', label: 'Last used', cell: (row) => <When at={row.lastUsedAt} /> },
        { id: 'expires', label: 'Expires', cell: (row) => <When at={row.expiresAt} none="never" /> },
        {
          id: 'actions',
          label: 'Actions',
          cell: (row) => (
            <Confirm
              label="Delete"
              question={`Delete API key ${row.id}?`}
              act={() => end(row.id ?? '')}
              done={done}
            >
              Requests signed with it are refused from then on.
            </Confirm>
          ),
        },
      ]}
    />
  );
}

/** Bearer tokens. */
export function Tokens({ list, end, done, create }: Shown<Schemas['Token']>) {
  const session = useSession();
  const limits = (token: Schemas['Token']) => limitsOf(token, session);
  return (
    <Rows
      label="Tokens"
      list={list}
      rowKey={(row) => row.id ?? ''}
      empty={
        <Empty title="No tokens" action={create}>
          A token is what a script sends instead of a password.
        </Empty>
      }
      columns={[
        { id: 'name', label: 'Name', text: (row) => row.name ?? '', cell: (row) => row.name || '–' },
        { id: 'limits', label: 'Limited to', text: limits, cell: limits },
        { id: 'used', label: 'Last used', cell: (row) => <When at={row.lastUsedAt} /> },
        { id: 'expires', label: 'Expires', cell: (row) => <When at={row.expiresAt} /> },
        {
          id: 'actions',
          label: 'Actions',
          cell: (row) => (
            <Confirm
              label="Delete"
              question={`Delete token ${row.name}?`}
              act={() => end(row.id ?? '')}
              done={done}
            >
              Whoever uses it is refused from then on.
            </Confirm>
          ),
        },
      ]}
    />
  );
}

function limitsOf(token: Schemas['Token'], session: CurrentSession): string {
  const nameOf = (list: { id: number; name: string }[], id: number) =>
    list.find((it) => it.id === id)?.name ?? String(id);
  const parts = [
    token.environmentId
      ? `environment ${nameOf(session.environments, token.environmentId)}`
      : token.accountId
        ? `account ${nameOf(session.accounts, token.accountId)}`
        : '',
    token.permissions ? `${token.permissions.length} permissions` : '',
  ].filter(Boolean);
  return parts.join(', ') || 'no limit';
}

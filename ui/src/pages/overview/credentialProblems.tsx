import type { CredentialSummary } from '../../api/cloud-credentials';
import { type Scope, scopeSegment } from '../../api/scope';
import { Status } from '../../parts/Status';
import { When } from '../../parts/When';
import type { Problem } from './Problems';

/** Credentials that cannot be used, or that the last checks found wrong. */
export function credentialProblems(scope: Scope, credentials: CredentialSummary[]): Problem[] {
  return credentials.flatMap((it): Problem[] => {
    const last = it.lastValidation;
    const isFailed = last?.status === 'failed';
    if (it.status === 'enabled' && !isFailed) return [];
    return [
      {
        key: it.id,
        name: it.name,
        link: {
          to: '/$scope/credentials/$credentialId',
          params: { scope: scopeSegment(scope), credentialId: it.id } as never,
          search: { tab: isFailed ? 'report' : undefined } as never,
        },
        state: <Status value={isFailed ? 'failed' : it.status} />,
        since: last?.endedAt ? (
          <>
            checked <When at={last.endedAt} />
          </>
        ) : undefined,
        reason: isFailed
          ? 'The last checks failed; the report says what and what to do.'
          : it.status === 'disabled'
            ? 'No check has passed yet, so it is not used.'
            : 'The cloud has refused the login for too long.',
      },
    ];
  });
}

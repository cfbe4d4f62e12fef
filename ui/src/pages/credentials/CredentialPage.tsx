import { Button, Loader } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPencil, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { cloudName } from '../../api/clouds-names';
import {
  type CloudCredentials,
  credentialQuery,
  useDeleteCredential,
  useValidateCredential,
} from '../../api/cloud-credentials';
import { scopeSegment, useScope } from '../../api/scope';
import { Confirm } from '../../parts/Confirm';
import { ErrorNotice, notifyError } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { CredentialEdit } from './CredentialEdit';
import { CredentialNotices } from './CredentialNotices';
import { useShow } from './CredentialShow';
import { CredentialTabs } from './CredentialTabs';

const ROUTE = '/in/$scope/credentials/$credentialId';

/** One set of cloud credentials: what it is, what its cloud has, what the checks say, and how to change it. */
export function CredentialPage() {
  const scope = useScope();
  const { credentialId } = useParams({ from: ROUTE });
  const search = useSearch({ from: ROUTE });
  const { data: credentials, error, isPending, refetch } = useQuery(credentialQuery(scope, credentialId));
  if (!credentials || isGone(error))
    return (
      <Page title="Cloud credentials">
        {isPending ? (
          <Loader aria-label="Loading the credentials" />
        ) : (
          <ErrorNotice error={error} retry={() => void refetch()} />
        )}
      </Page>
    );
  const isOwn = scope.kind === 'global' || credentials.scope !== 'scalr';
  const isEdit = search.tab === 'edit' && isOwn;
  return (
    <Page
      title={isEdit ? `Edit ${credentials.name}` : (credentials.name ?? credentialId)}
      hint={`${cloudName(credentials.provider ?? '')} credentials of the ${credentials.scope === 'scalr' ? 'Scalr' : 'account'} scope`}
      actions={!isEdit && <Actions credentials={credentials} isOwn={isOwn} />}
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      {isEdit ? (
        <CredentialEdit credentials={credentials} validationId={search.validation} />
      ) : (
        <>
          <CredentialNotices credentials={credentials} isOwn={isOwn} />
          <CredentialTabs credentials={credentials} search={search} />
        </>
      )}
    </Page>
  );
}

function Actions({ credentials, isOwn }: { credentials: CloudCredentials; isOwn: boolean }) {
  const scope = useScope();
  const show = useShow();
  const navigate = useNavigate();
  const { id, name } = { id: credentials.id ?? '', name: credentials.name ?? '' };
  const check = useValidateCredential(scope, id);
  const remove = useDeleteCredential(scope, id);
  const users = credentials.usedBy ?? [];
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerPlay size={16} aria-hidden />}
        loading={check.isPending}
        onClick={() =>
          check.mutate(undefined, {
            onSuccess: (run) => show({ tab: 'report', validation: run.id }, false),
            onError: (error) => notifyError('The checks were not started', error),
          })
        }
      >
        Check now
      </Button>
      {isOwn && (
        <>
          <Button
            variant="default"
            leftSection={<IconPencil size={16} aria-hidden />}
            onClick={() => show({ tab: 'edit' }, false)}
          >
            Edit
          </Button>
          <Confirm
            label="Delete"
            size="sm"
            question={`Delete the cloud credentials ${name}?`}
            act={() => remove.mutateAsync()}
            done={() => {
              notifications.show({ message: `Cloud credentials ${name} are deleted.` });
              void navigate({ to: '/$scope/credentials', params: { scope: scopeSegment(scope) } });
            }}
          >
            The stored secret and all reports are deleted with them. Nothing in the cloud is changed.
            {users.length > 0 &&
              ` Used by ${users.map((it) => it.name).join(', ')}: unlink them there first.`}
          </Confirm>
        </>
      )}
    </>
  );
}

import { Loader, Stack } from '@mantine/core';
import { useParams } from '@tanstack/react-router';

import { useValidateCredential } from '../../api/cloud-credentials';
import { useScope } from '../../api/scope';
import { useValidation } from '../../api/validations';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { useShow } from './CredentialShow';
import { CutOff, cutOffBy } from './CutOff';
import { Report } from './Report';

/** One report: that of the address, or the last. Streams in while the checks run. */
export function CredentialReport({ validationId }: { validationId: string | undefined }) {
  const scope = useScope();
  const show = useShow();
  const { credentialId } = useParams({ from: '/in/$scope/credentials/$credentialId' });
  const { validation, isRunning, error, refetch } = useValidation(scope, validationId);
  const check = useValidateCredential(scope, credentialId);
  if (!validationId)
    return (
      <Empty title="These credentials were never checked">
        Press “Check now” above: every service is looked at, and each finding names what to do.
      </Empty>
    );
  if (error && !validation) return <ErrorNotice error={error} retry={() => void refetch()} />;
  if (!validation) return <Loader aria-label="Loading the report" />;
  const cutOff = cutOffBy(validation);
  return (
    <Stack>
      {cutOff && !isRunning && (
        <CutOff
          by={cutOff}
          isBusy={check.isPending}
          again={() =>
            check.mutate(undefined, { onSuccess: ({ id }) => show({ tab: 'report', validation: id }) })
          }
        />
      )}
      <ErrorNotice error={check.error} title="The checks were not started" />
      <Report validation={validation} isRunning={isRunning} />
    </Stack>
  );
}

import { Loader, Stack } from '@mantine/core';

import { useScope } from '../../api/scope';
import { useValidation } from '../../api/validations';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Report } from './Report';

/** One report: that of the address, or the last. Streams in while the checks run. */
export function CredentialReport({ validationId }: { validationId: string | undefined }) {
  const { validation, isRunning, error, refetch } = useValidation(useScope(), validationId);
  if (!validationId)
    return (
      <Empty title="These credentials were never checked">
        Press “Check now” above: every service is looked at, and each finding names what to do.
      </Empty>
    );
  if (error) return <ErrorNotice error={error} retry={() => void refetch()} />;
  if (!validation) return <Loader aria-label="Loading the report" />;
  return (
    <Stack>
      <Report validation={validation} isRunning={isRunning} />
    </Stack>
  );
}

import { Alert, Anchor, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { isUnreachable } from '../../api/client';
import { type Scope, scopeSegment } from '../../api/scope';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { CutOff, cutOffBy } from './CutOff';
import { Report } from './Report';
import type { Saving } from './useSaving';

/** The answer may have been lost, not the request. */
const UNKNOWN = 'It is not known whether this was saved';

/** What came of the last try: a refusal, or the checks as they run and what they mean for what was typed. */
export function RunResult({
  saving,
  scope,
  again,
  children,
}: {
  saving: Saving;
  scope: Scope;
  /** The same once more. */
  again: () => void;
  children: ReactNode;
}) {
  const { validation, isRunning, savedId } = saving;
  const cutOff = validation && !isRunning ? cutOffBy(validation) : undefined;
  const isFailed = validation?.status === 'failed' && !isRunning && !cutOff;
  const isAccepted = validation && !isRunning && !isFailed && !cutOff;
  return (
    <>
      <ErrorNotice
        error={saving.refusal}
        title={isUnreachable(saving.refusal) ? UNKNOWN : 'Nothing was saved'}
      />
      <ErrorNotice
        error={saving.linkError}
        title="The credentials are saved, but not linked to the environment"
      />
      <ErrorNotice error={saving.loadError} retry={saving.reload} title="The report cannot be shown" />
      {cutOff && (
        <CutOff by={cutOff} isBusy={saving.isBusy} again={again}>
          Nothing was saved. What you typed is still in the form; the secret only as long as this page is not
          loaded anew.
        </CutOff>
      )}
      {isFailed && (
        <Alert color="red" variant="light" role="alert" title="The checks failed: nothing was saved">
          What is wrong, and what to do about it, is at the top of each part below. What you typed is still in
          the form; the secret only as long as this page is not loaded anew.
        </Alert>
      )}
      {children}
      {isAccepted && !savedId && (
        <Alert
          color="teal"
          variant="light"
          icon={<IconCircleCheck aria-hidden />}
          title={
            <Text inherit span c="var(--mantine-color-text)">
              The cloud accepts this
            </Text>
          }
        >
          {saving.how === 'save'
            ? 'Nothing was saved all the same: somebody else took the name meanwhile. Choose another, and save again.'
            : 'Nothing is saved yet. Save to keep these credentials.'}
        </Alert>
      )}
      {savedId && !isRunning && (
        <Text size="sm">
          These credentials are saved.{' '}
          <Anchor
            component={Link}
            to="/$scope/credentials/$credentialId"
            params={{ scope: scopeSegment(scope), credentialId: savedId } as never}
          >
            Open them
          </Anchor>
        </Text>
      )}
      {validation && <Report validation={validation} isRunning={isRunning} />}
    </>
  );
}

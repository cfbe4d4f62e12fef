import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLock } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useEffectEvent, useRef } from 'react';

import { isUnreachable, sentence } from '../../api/client';
import { type CloudCredentials, isRun, useUpdateCredential } from '../../api/cloud-credentials';
import { useScope } from '../../api/scope';
import { useValidation } from '../../api/validations';
import { CertificatePrompt, untrusted } from '../../forms/certificate';
import { useCredentialsEdit } from '../../forms/credentials-edit';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { CutOff, cutOffBy } from './CutOff';
import { useShow } from './CredentialShow';
import { Report } from './Report';

type Props = { credentials: CloudCredentials; validationId: string | undefined };

/** Changes saved credentials. Where it matters the cloud is asked first, and what it refuses is not saved. */
export function CredentialEdit({ credentials, validationId }: Props) {
  const scope = useScope();
  const show = useShow();
  const queries = useQueryClient();
  const top = useRef<HTMLDivElement>(null);
  const form = useCredentialsEdit(credentials);
  const update = useUpdateCredential(scope, credentials.id ?? '');
  const { validation, isRunning, error, refetch } = useValidation(scope, validationId);
  /** The run whose end this page waits for. One that had ended before is only shown. */
  const awaited = useRef<string>(undefined);
  const toTop = () => window.setTimeout(() => top.current?.focus());

  const done = (message = 'The changes are saved.') => {
    notifications.show({ message });
    void queries.invalidateQueries({ queryKey: ['cloud-credentials'] });
    show({});
  };
  const submit = (validate?: boolean) => {
    const body = form.validated();
    if (!body) return;
    if (Object.keys(body).length === 0) return done('Nothing was changed.');
    update.mutate(
      { body, validate },
      {
        onError: toTop,
        onSuccess: (answered) => {
          if (!isRun(answered)) return done();
          awaited.current = answered.id;
          show({ tab: 'edit', validation: answered.id });
          toTop();
        },
      },
    );
  };
  const ended = useEffectEvent((isSaved: boolean) => {
    awaited.current = undefined;
    if (isSaved) done();
    else toTop();
  });
  useEffect(() => {
    if (!validation) return;
    if (isRunning) awaited.current = validation.id;
    else if (awaited.current === validation.id) ended(validation.status !== 'failed');
  }, [validation, isRunning]);

  const cutOff = validation && !isRunning ? cutOffBy(validation) : undefined;
  const isFailed = validation?.status === 'failed' && !isRunning && !cutOff;
  const certificates = isFailed ? untrusted(validation) : [];
  const isBusy = update.isPending || isRunning;
  return (
    <Stack maw={980}>
      <Stack ref={top} tabIndex={-1} className="run-top">
        <ErrorNotice
          error={update.error}
          title={
            isUnreachable(update.error) ? 'It is not known whether this was saved' : 'Nothing was changed'
          }
        />
        <ErrorNotice error={error} retry={() => void refetch()} title="The report cannot be shown" />
        {cutOff && (
          <CutOff by={cutOff} isBusy={isBusy} again={() => submit()}>
            Nothing was changed. What you typed is still in the form.
          </CutOff>
        )}
        {isFailed && (
          <Alert color="red" variant="light" role="alert" title="Nothing was changed">
            The checks failed, so what was saved before stays. What is wrong, and what to do about it, is
            below; what you typed is still in the form.
          </Alert>
        )}
        {certificates.length > 0 && (
          <CertificatePrompt
            key={validation?.id}
            certificates={certificates}
            isBusy={isBusy}
            onPin={(fingerprints) => {
              form.pin(fingerprints);
              submit();
            }}
          />
        )}
        {validation && <Report validation={validation} isRunning={isRunning} />}
      </Stack>
      <form
        noValidate
        aria-label={sentence(`edit ${credentials.name}`)}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack>
          {form.fields}
          {form.secretReason && (
            <Alert
              color="orange"
              icon={<IconLock aria-hidden />}
              title="Enter the secret again"
              role="status"
            >
              {form.secretReason}. The stored secret is not sent to an address, or under a trust, that it was
              not given for.
            </Alert>
          )}
          <Group gap="sm">
            <Button type="submit" loading={isBusy}>
              Save
            </Button>
            <Button variant="subtle" disabled={isBusy} onClick={() => submit(false)}>
              Save without checking
            </Button>
            <Button variant="default" onClick={() => show({})}>
              Cancel
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            A new name or description is saved as it is. Any other change is tried on the cloud first, and not
            saved when it is refused. Saved without checking, the credentials are disabled until a check
            passes.
          </Text>
        </Stack>
      </form>
    </Stack>
  );
}

import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useState } from 'react';

import { sentence } from '../../api/client';
import {
  type CloudCredentials,
  useCheckUnsaved,
  useCreateCredential,
  useCreateUnchecked,
} from '../../api/cloud-credentials';
import { useLink } from '../../api/clouds';
import { accountId, type Scope, scopeSegment } from '../../api/scope';
import { useValidation } from '../../api/validations';
import type { How } from './SaveBar';
import type { useCredentialForms } from './useCredentialForms';

type Props = {
  scope: Scope;
  cloud: string | undefined;
  validationId: string | undefined;
  link: string | undefined;
  forms: ReturnType<typeof useCredentialForms>;
  toTop: () => void;
};
export type Saving = ReturnType<typeof useSaving>;

/** Sends what was typed, follows the checks, and goes on when it is saved. The run is in the page's address. */
export function useSaving({ scope, cloud, validationId, link, forms, toTop }: Props) {
  const navigate = useNavigate();
  const params = { scope: scopeSegment(scope) };
  const run = useValidation(scope, validationId);
  const create = useCreateCredential(scope);
  const createUnchecked = useCreateUnchecked(scope);
  const check = useCheckUnsaved(scope);
  const linkTo = useLink(accountId(scope), Number(link), forms.provider);
  const [how, setHow] = useState<How>();
  /** Saved, but not linked as wanted. */
  const [savedId, setSavedId] = useState<string>();
  /** The run whose end this page waits for. One that had ended before is only shown. */
  const awaited = useRef<string>(undefined);

  const open = (wanted: string, validation?: string) =>
    void navigate({
      to: '/$scope/credentials/new',
      params,
      search: { cloud: wanted, validation, link },
      replace: cloud !== undefined,
      resetScroll: false,
    });
  const done = async (credentialId: string, name: string, validation?: string) => {
    forms.forget();
    notifications.show({ message: `The cloud credentials ${name} are saved.` });
    if (!link) {
      return navigate({
        to: '/$scope/credentials/$credentialId',
        params: { ...params, credentialId },
        search: { validation },
        replace: true,
      });
    }
    setSavedId(credentialId);
    // Why it was not linked is told by `linkTo.error`.
    const linked = await linkTo.mutateAsync(credentialId).catch(() => undefined);
    if (!linked) return;
    notifications.show({ message: `${name} is linked to the environment.` });
    for (const { message } of linked.warnings)
      notifications.show({ color: 'orange', message: sentence(message) });
    return navigate({ to: '/$scope/environments/$envId', params: { ...params, envId: link }, replace: true });
  };
  const act = (wanted: How, body: CloudCredentials) => {
    setHow(wanted);
    for (const it of [create, createUnchecked, check]) it.reset();
    const onError = (refused: Error) => {
      forms.showRefusal(refused);
      toTop();
    };
    const follow = ({ id }: { id: string }) => {
      awaited.current = id;
      open(cloud ?? forms.provider, id);
      toTop();
    };
    if (wanted === 'save') create.mutate(body, { onError, onSuccess: follow });
    else if (wanted === 'check') check.mutate(body, { onError, onSuccess: follow });
    else
      createUnchecked.mutate(body, {
        onError,
        onSuccess: (saved) => void done(saved.id ?? '', saved.name ?? ''),
      });
  };

  const { validation, isRunning } = run;
  const ended = useEffectEvent((credentialId: string | null | undefined) => {
    awaited.current = undefined;
    if (credentialId) void done(credentialId, forms.name(), validationId);
    else toTop();
  });
  /** A run that was going on when the page was loaded. */
  const found = useEffectEvent(toTop);
  useEffect(() => {
    if (!validation) return;
    if (isRunning) {
      if (awaited.current !== validation.id) found();
      awaited.current = validation.id;
    } else if (awaited.current === validation.id) ended(validation.cloudCredentialsId);
  }, [validation, isRunning]);

  return {
    validation,
    isRunning,
    loadError: run.error,
    reload: () => void run.refetch(),
    refusal: create.error ?? check.error ?? createUnchecked.error,
    linkError: linkTo.error,
    savedId: savedId ?? validation?.cloudCredentialsId ?? undefined,
    how,
    isBusy: create.isPending || check.isPending || createUnchecked.isPending || linkTo.isPending,
    open,
    act,
  };
}

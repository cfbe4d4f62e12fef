import { Paper, Stack, Text } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';

import { isVsphere } from '../../api/clouds';
import type { CloudCredentials } from '../../api/cloud-credentials';
import { type Scope, scopeSegment } from '../../api/scope';
import { useSession } from '../../api/session';
import { CertificatePrompt, untrusted } from '../../forms/certificate';
import { OpenstackFields } from '../../forms/openstack-credentials';
import { PasteCredentials } from '../../forms/paste-credentials';
import type { Pasted } from '../../forms/paste-read';
import { VsphereFields } from '../../forms/vsphere-credentials';
import { BeforeYouBegin } from './BeforeYouBegin';
import { ChooseCloud } from './ChooseCloud';
import { Fold } from './Fold';
import { RunResult } from './RunResult';
import { type How, SaveBar } from './SaveBar';
import { ShareQuestion } from './ShareQuestion';
import { useCredentialForms } from './useCredentialForms';
import { useSaving } from './useSaving';

type Props = {
  scope: Scope;
  cloud: string | undefined;
  validationId: string | undefined;
  /** The environment that is to use them. */
  link: string | undefined;
};

/** The form, and above it what the cloud has said to it. */
export function NewCredential({ scope, cloud, validationId, link }: Props) {
  const session = useSession();
  const forms = useCredentialForms(`${session.email}:${scopeSegment(scope)}`, cloud);
  const top = useRef<HTMLDivElement>(null);
  const [question, setQuestion] = useState<{ how: How; body: CloudCredentials }>();
  const [filled, setFilled] = useState<{ times: number; notes: string[] }>({ times: 0, notes: [] });
  const saving = useSaving({
    scope,
    cloud,
    validationId,
    link,
    forms,
    toTop: () => window.setTimeout(() => top.current?.focus()),
  });
  const { validation } = saving;

  const submit = (how: How) => {
    const body = forms.validated();
    if (!body) return;
    if (scope.kind === 'global' && how !== 'check') setQuestion({ how, body });
    else saving.act(how, body);
  };
  const take = (pasted: Pasted) => {
    saving.open(pasted.cloud === 'openstack' ? pasted.values.provider : 'vmware');
    forms.fill(pasted);
    setFilled(({ times }) => ({ times: times + 1, notes: pasted.notes }));
  };
  const paste = (
    <Paper withBorder p="md">
      <PasteCredentials onRead={take} />
    </Paper>
  );
  if (!cloud) {
    return (
      <Stack gap="md" maw={980}>
        <ChooseCloud scope={scope} />
        {paste}
      </Stack>
    );
  }
  const certificates = validation && !saving.isRunning ? untrusted(validation) : [];
  return (
    <Stack gap="md" maw={980}>
      <Stack ref={top} tabIndex={-1} gap="md" className="run-top">
        <RunResult saving={saving} scope={scope} again={() => submit(saving.how ?? 'check')}>
          {certificates.length > 0 && (
            <CertificatePrompt
              key={validation?.id}
              certificates={certificates}
              isBusy={saving.isBusy}
              onPin={(fingerprints) => {
                forms.pin(fingerprints);
                submit(saving.how ?? 'save');
              }}
            />
          )}
        </RunResult>
      </Stack>
      <Fold
        label={
          isVsphere(cloud)
            ? 'Before you begin: ports, the vCenter user and its role, connection policy'
            : 'Before you begin: ports to open, connection policy'
        }
      >
        <Paper withBorder p="md">
          <BeforeYouBegin
            cloud={cloud}
            wanted={forms.portCheck()}
            userName={forms.vsphere.values.userName}
            setUrl={forms.setUrl}
          />
        </Paper>
      </Fold>
      <Fold key={filled.times} label="Fill in from a clouds.yaml entry, an openrc file or a GOVC block">
        {paste}
      </Fold>
      {filled.times > 0 && (
        <Text size="sm" role="status">
          The form is filled from what you pasted; what is missing is marked. {filled.notes.join(' ')}
        </Text>
      )}
      <form
        noValidate
        aria-label="Cloud credentials"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit('save');
        }}
      >
        <Stack gap="md">
          {isVsphere(cloud) ? (
            <VsphereFields form={forms.vsphere} />
          ) : (
            <OpenstackFields form={forms.openstack} />
          )}
          <SaveBar isBusy={saving.isBusy || saving.isRunning} onSubmit={submit} />
        </Stack>
      </form>
      {question && (
        <ShareQuestion
          name={question.body.name ?? ''}
          close={() => setQuestion(undefined)}
          confirm={() => {
            setQuestion(undefined);
            saving.act(question.how, question.body);
          }}
        />
      )}
    </Stack>
  );
}

import { useForm } from '@mantine/form';
import { useState } from 'react';

import type { CloudCredentials, OpenstackCredentials, VmwareCredentials } from '../api/cloud-credentials';
import { type Errors, lines } from './credential-values';
import { OpenstackFields } from './openstack-credentials';
import {
  emptyOpenstack,
  openstackBody,
  openstackErrors,
  type OpenstackValues,
  openstackValues,
} from './openstack-values';
import { VsphereFields } from './vsphere-credentials';
import {
  emptyVsphere,
  vsphereBody,
  vsphereErrors,
  type VsphereValues,
  vsphereValues,
} from './vsphere-values';

/** What to say of a field whose change could send the stored secret elsewhere. The server demands it anew then. */
const TRUST: Record<string, string> = {
  keystoneUrl: 'The Keystone URL has changed',
  url: 'The URL has changed',
  linkedVCenters: 'The linked vCenters have changed',
  caCertificate: 'The CA certificate has changed',
  certificateFingerprints: 'The pinned fingerprints have changed',
  authType: 'The kind of login has changed',
};

type Body = Record<string, unknown>;

/** The form of saved credentials. Only what was changed in it is sent, so that two people do not undo each other. */
export function useCredentialsEdit(saved: CloudCredentials) {
  const isVsphere = saved.cloudCredentialsType === 'VmwareCloudCredentials';
  const [initial] = useState(() => ({
    openstack: isVsphere ? emptyOpenstack : openstackValues(saved as OpenstackCredentials),
    vsphere: isVsphere ? vsphereValues(saved as VmwareCredentials) : emptyVsphere,
  }));
  const openstackChanges = (values: OpenstackValues) =>
    changed(openstackBody(initial.openstack), openstackBody(values));
  const vsphereChanges = (values: VsphereValues) =>
    changed(vsphereBody(initial.vsphere), vsphereBody(values));
  const openstack = useForm<OpenstackValues>({
    name: 'openstack-edit',
    initialValues: initial.openstack,
    validate: (values) => ({
      ...openstackErrors(values, false),
      ...secretError(openstackChanges(values), values.secret),
    }),
  });
  const vsphere = useForm<VsphereValues>({
    name: 'vsphere-edit',
    initialValues: initial.vsphere,
    validate: (values) => ({
      ...vsphereErrors(values, false),
      ...secretError(vsphereChanges(values), values.secret),
    }),
  });
  const form = isVsphere ? vsphere : openstack;
  const changes = () =>
    isVsphere ? vsphereChanges(vsphere.getValues()) : openstackChanges(openstack.getValues());
  const focus = (field: string) =>
    // A field that the error brings up is there after this is drawn.
    window.setTimeout(() =>
      (isVsphere ? vsphere.getInputNode(field) : openstack.getInputNode(field))?.focus(),
    );
  return {
    fields: isVsphere ? (
      <VsphereFields form={vsphere} isSaved />
    ) : (
      <OpenstackFields form={openstack} isSaved />
    ),
    /** Why the secret has to be entered again; `undefined` while the stored one may stay. */
    secretReason: form.values.secret ? undefined : secretReason(changes()),
    /** What is to be sent; `undefined` when something is wrong, which is then marked. */
    validated(): CloudCredentials | undefined {
      const { hasErrors, errors } = form.validate();
      if (!hasErrors) return changes() as CloudCredentials;
      const [first] = Object.keys(errors);
      if (first) focus(first);
      return undefined;
    },
    pin(fingerprints: string[]) {
      const before = lines(form.getValues().certificateFingerprints);
      const after = [...before, ...fingerprints.filter((it) => !before.includes(it))].join('\n');
      if (isVsphere) vsphere.setFieldValue('certificateFingerprints', after);
      else openstack.setFieldValue('certificateFingerprints', after);
    },
  };
}

function changed(before: Body, after: Body): Body {
  return Object.fromEntries(
    Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])),
  );
}

function secretReason(changes: Body): string | undefined {
  if (changes.sslVerification === false) return 'Verification of certificates is turned off';
  const key = Object.keys(TRUST).find((it) => it in changes);
  return key && TRUST[key];
}

function secretError(changes: Body, secret: string): Errors {
  const reason = secretReason(changes);
  return reason && !secret ? { secret: `${reason}, so enter this again` } : {};
}

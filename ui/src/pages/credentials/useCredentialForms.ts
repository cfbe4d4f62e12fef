import { useForm } from '@mantine/form';
import { useEffect, useState } from 'react';

import { ApiError } from '../../api/client';
import { isVsphere } from '../../api/clouds';
import type { CloudCredentials, PortCheck } from '../../api/cloud-credentials';
import { type Errors, lines } from '../../forms/credential-values';
import {
  emptyOpenstack,
  openstackBody,
  openstackErrors,
  type OpenstackValues,
} from '../../forms/openstack-values';
import type { Pasted } from '../../forms/paste-read';
import { emptyVsphere, vsphereBody, vsphereErrors, type VsphereValues } from '../../forms/vsphere-values';
import { forgetDraft, keepDraft, readDraft } from './draft';

/**
 * The forms of both kinds, so that nothing typed is lost by a look at the other. `cloud`: the one that is open.
 * `owner`: whose drafts they are, and for which scope.
 */
export function useCredentialForms(owner: string, cloud: string | undefined) {
  const [drafts] = useState(() => ({
    openstack: readDraft(owner, emptyOpenstack),
    vsphere: readDraft(owner, emptyVsphere),
  }));
  const openstack = useForm<OpenstackValues>({
    name: 'openstack',
    initialValues: drafts.openstack,
    validate: (values) => openstackErrors(values),
  });
  const vsphere = useForm<VsphereValues>({
    name: 'vsphere',
    initialValues: drafts.vsphere,
    validate: (values) => vsphereErrors(values),
  });
  const isOpenstack = cloud !== undefined && !isVsphere(cloud);
  const form = isOpenstack ? openstack : vsphere;
  const { setValues: setOpenstack } = openstack;
  useEffect(() => {
    if (isOpenstack && cloud) setOpenstack({ provider: cloud });
  }, [isOpenstack, cloud, setOpenstack]);
  useEffect(() => keepDraft(owner, emptyOpenstack, openstack.values), [owner, openstack.values]);
  useEffect(() => keepDraft(owner, emptyVsphere, vsphere.values), [owner, vsphere.values]);

  const focusFirst = (errors: Errors) => {
    const [first] = Object.keys(errors);
    // A field that the error brings up is there after this is drawn.
    if (first)
      window.setTimeout(() =>
        (isOpenstack ? openstack.getInputNode(first) : vsphere.getInputNode(first))?.focus(),
      );
  };
  return {
    openstack,
    vsphere,
    name: () => form.getValues().name.trim(),
    provider: isOpenstack ? openstack.values.provider : 'vmware',
    /** What is sent; `undefined` when something is wrong, which is then marked. */
    validated(): CloudCredentials | undefined {
      const { hasErrors, errors } = form.validate();
      if (!hasErrors)
        return isOpenstack ? openstackBody(openstack.getValues()) : vsphereBody(vsphere.getValues());
      focusFirst(errors as Errors);
      return undefined;
    },
    /** Where it is, and which certificates are believed, as typed so far. */
    portCheck(): PortCheck {
      const { sslVerification, caCertificate, certificateFingerprints } = form.values;
      return {
        cloud: isOpenstack ? 'openstack' : 'vmware',
        url: isOpenstack ? openstack.values.keystoneUrl : vsphere.values.url,
        sslVerification,
        caCertificate: caCertificate.trim() || null,
        certificateFingerprints: lines(certificateFingerprints),
      };
    },
    setUrl(url: string) {
      if (isOpenstack) openstack.setFieldValue('keystoneUrl', url);
      else vsphere.setFieldValue('url', url);
    },
    fill(pasted: Pasted) {
      if (pasted.cloud === 'openstack') {
        openstack.setValues({ ...pasted.values, name: pasted.values.name || openstack.getValues().name });
        openstack.validate();
      } else {
        vsphere.setValues({ ...pasted.values, name: vsphere.getValues().name });
        vsphere.validate();
      }
    },
    pin(fingerprints: string[]) {
      const before = lines(form.getValues().certificateFingerprints);
      const after = [...before, ...fingerprints.filter((it) => !before.includes(it))].join('\n');
      if (isOpenstack) openstack.setFieldValue('certificateFingerprints', after);
      else vsphere.setFieldValue('certificateFingerprints', after);
    },
    /** A refusal that begins with a field's name belongs beside that field too. */
    showRefusal(error: Error) {
      if (!(error instanceof ApiError)) return;
      const [, typed = '', message] = /^(\w+): (.*)$/s.exec(error.message) ?? [];
      const field = typed.charAt(0).toLowerCase() + typed.slice(1);
      if (!message || !(field in form.getValues())) return;
      const said = message.charAt(0).toUpperCase() + message.slice(1);
      if (isOpenstack) openstack.setFieldError(field, said);
      else vsphere.setFieldError(field, said);
    },
    forget() {
      forgetDraft(owner);
    },
  };
}

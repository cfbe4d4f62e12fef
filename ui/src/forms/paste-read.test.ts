import { expect, test } from 'vitest';

import { type Pasted, readPasted } from './paste-read';

const read = (text: string, entry?: string) => readPasted(text, entry) as Pasted;

test('an entry of clouds.yaml', () => {
  const { values, notes } = read(`
clouds:
  lab: # ours
    auth:
      auth_url: "http://k:5000/v3"
      username: demo
      password: 'it''s #1'
      project_name: lab
      user_domain_name: Default
      project_domain_name: Default
    regions:
    - RegionOne
    identity_api_version: 3
    interface: internalURL
    verify: false
    cacert: /etc/ca.pem
    volume_api_version: 3
`);
  expect(values).toMatchObject({
    name: 'lab',
    keystoneUrl: 'http://k:5000/v3',
    userName: 'demo',
    secret: "it's #1",
    tenantName: 'lab',
    domainName: 'Default',
    hasSeparateDomains: false,
    region: 'RegionOne',
    interface: 'internal',
    sslVerification: false,
  });
  expect(notes).toEqual([
    'The file /etc/ca.pem cannot be read from here: paste its content into “CA certificate”.',
    'Not used: volume_api_version.',
  ]);
});

test('several entries ask which', () => {
  const text =
    'clouds:\n  a:\n    auth:\n      auth_url: http://a\n  b:\n    auth:\n      auth_url: http://b\n';
  expect(readPasted(text)).toEqual({ names: ['a', 'b'] });
  expect(read(text, 'b').values).toMatchObject({ name: 'b', keystoneUrl: 'http://b' });
});

test('an application credential brings its project', () => {
  const { values } = read(
    'auth_type: v3applicationcredential\nauth:\n  auth_url: https://k\n  application_credential_id: x\n  application_credential_secret: s\n',
  );
  expect(values).toMatchObject({
    authType: 'applicationCredential',
    applicationCredential: 'x',
    secret: 's',
    tenantName: '',
  });
});

test.each([
  ['', 'Paste the text first.'],
  ['hello', 'This is neither'],
  ['clouds:\n  a:\n\tauth: x', 'Line 3 is indented by a tab'],
  ['clouds:\n  a:\n    auth: {auth_url: x}', 'Line 3 has brackets'],
  ['clouds:\n  a: &x\n    auth:\n      auth_url: x', 'Line 2 has an anchor'],
  ['clouds:\n  a:\n    auth:\n      auth_url: x\n      auth_url: y', 'Line 5 names auth_url again'],
  ['auth:\n  auth_url: "http://k', 'Line 2 has a quote that does not end'],
  [
    'clouds:\n  a:\n    profile: rackspace\n    auth:\n      username: x',
    "The vendor's profile “rackspace” is not read here.",
  ],
  ['export OS_USERNAME=demo', 'There is no auth_url in it.'],
  [
    'export OS_AUTH_URL=http://k OS_AUTH_TYPE=v2password',
    'The authentication type “v2password” is not supported',
  ],
  ['export GOVC_USERNAME=me', 'GOVC_URL is not set in it.'],
])('what cannot be read says why: %j', (text, message) => {
  expect(() => readPasted(text)).toThrow(message);
});

test('an openrc of the dashboard, which asks for the password', () => {
  const { values, notes } = read(`#!/usr/bin/env bash
export OS_AUTH_URL=https://keystone.example:5000
export OS_PROJECT_ID=4f4e5c
export OS_PROJECT_NAME="lab"
export OS_USER_DOMAIN_NAME="Users"
if [ -z "$OS_USER_DOMAIN_NAME" ]; then unset OS_USER_DOMAIN_NAME; fi
export OS_PROJECT_DOMAIN_ID="default"
unset OS_TENANT_ID
export OS_USERNAME="demo"
read -sr OS_PASSWORD_INPUT
export OS_PASSWORD=$OS_PASSWORD_INPUT
`);
  expect(values).toMatchObject({
    keystoneUrl: 'https://keystone.example:5000',
    projectId: '4f4e5c',
    hasSeparateDomains: true,
    userDomain: 'Users',
    userDomainBy: 'name',
    projectDomain: 'default',
    projectDomainBy: 'id',
    secret: '',
  });
  expect(notes).toEqual(['Only a shell knows the value of OS_PASSWORD: enter it below.']);
});

test('a GOVC block', () => {
  const { values } = read(`GOVC_URL='me%40vsphere.local:p%23ss@vc.example'; export GOVC_INSECURE=1`);
  expect(values).toMatchObject({
    url: 'https://vc.example/sdk',
    userName: 'me@vsphere.local',
    secret: 'p#ss',
    sslVerification: false,
  });
});

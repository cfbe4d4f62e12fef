import {
  Fieldset,
  Group,
  type InputWrapperProps,
  NativeSelect,
  PasswordInput,
  Radio,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import { OPENSTACK_PROVIDERS } from '../api/clouds-names';
import { Fold } from '../pages/credentials/Fold';
import { NameFields, TrustFields, UsesField } from './credential-fields';
import { DomainFields } from './openstack-domains';
import { type AuthType, fieldsOf, hasDomains, type OpenstackValues } from './openstack-values';

export type OpenstackForm = UseFormReturnType<OpenstackValues>;

const LOGINS: { value: AuthType; label: string }[] = [
  { value: 'password', label: 'Password' },
  { value: 'applicationCredential', label: 'Application credential' },
  { value: 'token', label: 'Token' },
];
/** Beside a field without a description the inputs stay in one line. */
const BELOW = ['label', 'input', 'description', 'error'] satisfies InputWrapperProps['inputWrapperOrder'];
const SECRET: Record<AuthType, string> = {
  password: 'Password',
  applicationCredential: 'Application credential secret',
  token: 'Token',
};

/** The fields of OpenStack credentials; those that a kind of login does not have are not there. */
export function OpenstackFields({ form, isSaved = false }: { form: OpenstackForm; isSaved?: boolean }) {
  const { values } = form;
  const has = fieldsOf(values);
  return (
    <Stack gap="md">
      <NameFields input={(field, options) => form.getInputProps(field, options)} />
      <Fieldset legend="Endpoint and login">
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            <TextInput
              label="Keystone URL"
              description="With or without /v3"
              placeholder="https://keystone.example:5000/v3"
              inputMode="url"
              {...form.getInputProps('keystoneUrl')}
            />
            <NativeSelect
              label="Distribution"
              description="OpenStack, unless your cloud is one of the others"
              data={OPENSTACK_PROVIDERS}
              disabled={isSaved}
              {...form.getInputProps('provider')}
            />
          </SimpleGrid>
          {!hasDomains(values.keystoneUrl) && (
            <Text size="sm">
              Keystone v2.0 has no domains. The server looks for v3 at the same place, and refuses a cloud
              without it; for the fields of domains let the URL end with /v3.
            </Text>
          )}
          <Radio.Group label="Log in with" {...form.getInputProps('authType')}>
            <Group gap="lg" mt="xs">
              {LOGINS.map((it) => (
                <Radio key={it.value} value={it.value} label={it.label} />
              ))}
            </Group>
          </Radio.Group>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            {has.application && (
              <>
                <NativeSelect
                  label="Application credential given by"
                  data={[
                    { value: 'id', label: 'Id' },
                    { value: 'name', label: 'Name, with its user' },
                  ]}
                  {...form.getInputProps('applicationCredentialBy')}
                />
                <TextInput
                  label={
                    values.applicationCredentialBy === 'id'
                      ? 'Application credential id'
                      : 'Application credential name'
                  }
                  {...form.getInputProps('applicationCredential')}
                />
              </>
            )}
            {has.user && (
              <TextInput label="User name" autoComplete="off" {...form.getInputProps('userName')} />
            )}
            <PasswordInput
              label={SECRET[values.authType]}
              autoComplete="new-password"
              description={isSaved ? 'Leave empty to keep the stored one' : undefined}
              inputWrapperOrder={BELOW}
              {...form.getInputProps('secret')}
            />
            {has.project && (
              <TextInput
                label={values.authType === 'token' ? 'Project (tenant), optional' : 'Project (tenant)'}
                {...form.getInputProps('tenantName')}
              />
            )}
            {has.domains && !values.hasSeparateDomains && (
              <TextInput
                label="Domain (optional)"
                description="Without one, the domain with the id default is used"
                inputWrapperOrder={BELOW}
                {...form.getInputProps('domainName')}
              />
            )}
          </SimpleGrid>
          {has.application && (
            <Text size="sm" c="dimmed">
              An application credential carries its project.
            </Text>
          )}
          {has.domains && has.project && (
            <Switch
              label="User and project are in separate domains"
              {...form.getInputProps('hasSeparateDomains', { type: 'checkbox' })}
            />
          )}
          {has.domains && values.hasSeparateDomains && (
            <DomainFields form={form} hasProject={has.project} hasUser={values.authType !== 'token'} />
          )}
        </Stack>
      </Fieldset>
      <Fieldset legend="Trust">
        <TrustFields
          cloud="service"
          values={values}
          input={(field, options) => form.getInputProps(field, options)}
        />
      </Fieldset>
      <UsesField input={(field, options) => form.getInputProps(field, options)} />
      <Fold label="More: region, interface, ids" isOpenAtFirst={isMoreFilled(values)}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" pt="sm">
          <TextInput
            label="Region"
            description="Only this one; empty: all of the catalog"
            {...form.getInputProps('region')}
          />
          <NativeSelect
            label="Interface"
            description="Which URL of a service is used"
            data={['public', 'internal', 'admin']}
            {...form.getInputProps('interface')}
          />
          {has.user && (
            <TextInput label="User id" description="Instead of the name" {...form.getInputProps('userId')} />
          )}
          {has.project && (
            <TextInput
              label="Project id"
              description="Instead of the name"
              {...form.getInputProps('projectId')}
            />
          )}
        </SimpleGrid>
      </Fold>
    </Stack>
  );
}

function isMoreFilled(values: OpenstackValues): boolean {
  return Boolean(values.region || values.userId || values.projectId || values.interface !== 'public');
}

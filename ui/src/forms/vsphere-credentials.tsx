import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  Input,
  PasswordInput,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';

import { NameFields, TrustFields, UsesField } from './credential-fields';
import type { VsphereValues } from './vsphere-values';

export type VsphereForm = UseFormReturnType<VsphereValues>;

export function VsphereFields({ form, isSaved = false }: { form: VsphereForm; isSaved?: boolean }) {
  const { values } = form;
  return (
    <Stack gap="md">
      <NameFields input={(field, options) => form.getInputProps(field, options)} />
      <Fieldset legend="vCenter and login">
        <Stack gap="md">
          <TextInput
            label="URL"
            description="The address of the vCenter, not of a single ESXi host; without a path it is /sdk"
            placeholder="https://vcenter.example"
            inputMode="url"
            {...form.getInputProps('url')}
          />
          <LinkedVCenters form={form} />
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            <TextInput
              label="User name"
              placeholder="stackyard@vsphere.local"
              autoComplete="off"
              {...form.getInputProps('userName')}
            />
            <PasswordInput
              label="Password"
              autoComplete="new-password"
              description={isSaved ? 'Leave empty to keep the stored one' : undefined}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              {...form.getInputProps('secret')}
            />
          </SimpleGrid>
        </Stack>
      </Fieldset>
      <Fieldset legend="Trust">
        <TrustFields
          cloud="vCenter"
          values={values}
          input={(field, options) => form.getInputProps(field, options)}
        />
      </Fieldset>
      <UsesField input={(field, options) => form.getInputProps(field, options)} />
    </Stack>
  );
}

/** Other vCenters in Enhanced Linked Mode, which have the same user and password. */
function LinkedVCenters({ form }: { form: VsphereForm }) {
  const linked = form.values.linkedVCenters;
  const add = () => {
    form.insertListItem('linkedVCenters', '');
    // The new field is there after this is drawn.
    window.setTimeout(() => form.getInputNode(`linkedVCenters.${linked.length}`)?.focus());
  };
  return (
    <Stack gap="xs" role="group" aria-label="Linked vCenters">
      <Input.Wrapper
        label="Linked vCenters"
        labelElement="div"
        description={`${linked.length === 0 ? 'No linked vCenters. ' : ''}In Enhanced Linked Mode, with the same user and password`}
      />
      {linked.map((_, index) => (
        <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            aria-label={`URL of linked vCenter ${index + 1}`}
            placeholder="https://vcenter2.example"
            inputMode="url"
            {...form.getInputProps(`linkedVCenters.${index}`)}
          />
          <ActionIcon
            variant="default"
            size="input-sm"
            aria-label={`Remove linked vCenter ${index + 1}`}
            onClick={() => form.removeListItem('linkedVCenters', index)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={add}
        style={{ alignSelf: 'flex-start' }}
      >
        Add URL
      </Button>
    </Stack>
  );
}

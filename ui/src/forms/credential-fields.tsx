import { Checkbox, Group, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import type { GetInputPropsReturnType } from '@mantine/form';

import type { CommonValues } from './credential-values';

/** `form.getInputProps` of a form that has these fields. */
type Input = (field: keyof CommonValues, options?: { type: 'checkbox' }) => GetInputPropsReturnType;

export function NameFields({ input }: { input: Input }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <TextInput label="Name" maxLength={255} {...input('name')} />
      <TextInput label="Description (optional)" {...input('description')} />
    </SimpleGrid>
  );
}

/** Which certificates are believed. */
export function TrustFields({ input, values, cloud }: { input: Input; values: CommonValues; cloud: string }) {
  return (
    <Stack gap="sm">
      <Checkbox
        label="Verify the TLS certificates of this cloud"
        description={
          values.sslVerification
            ? `Also known as SSL verification: a ${cloud} whose certificate is not trusted gets no password.`
            : 'Off: any certificate is accepted unless one is pinned, and whoever is on the way can read the password.'
        }
        {...input('sslVerification', { type: 'checkbox' })}
      />
      <Textarea
        label="CA certificate (optional)"
        description="PEM of an authority of your own, trusted besides those of the system"
        placeholder="-----BEGIN CERTIFICATE-----"
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        {...input('caCertificate')}
      />
      <Textarea
        label="Pinned fingerprints (optional)"
        description="SHA-256 of certificates to accept as they are, one a line"
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        {...input('certificateFingerprints')}
      />
    </Stack>
  );
}

export function UsesField({ input }: { input: Input }) {
  return (
    <Checkbox.Group
      label="Allowed uses"
      description="What the stored secret may be opened for; each use is counted"
      {...input('allowedUses')}
    >
      <Group mt="xs" gap="lg">
        <Checkbox value="inventory" label="Inventory: look at what is there" />
        <Checkbox value="provision" label="Provision: launch, change and delete" />
      </Group>
    </Checkbox.Group>
  );
}

import { Group, Text, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import { Fold } from '../pages/credentials/Fold';
import { Copy } from '../parts/Copy';
import type { FarmRoleValues } from './farm-role-values';

const VARIABLES: [string, string][] = [
  ['SCALR_SERVER_ID', 'the id of the server'],
  ['SCALR_INSTANCE_INDEX', 'its index in the farm role, beginning with 1'],
  ['SCALR_FARM_ID', 'the number of the farm'],
  ['SCALR_FARM_NAME', 'the name of the farm'],
  ['SCALR_FARM_OWNER_EMAIL', 'the email of who made the farm'],
  ['SCALR_FARM_ROLE_ID', 'the number of the farm role'],
  ['SCALR_FARM_ROLE_ALIAS', 'the alias of the farm role'],
  ['SCALR_ROLE_NAME', 'the name of the role'],
  ['SCALR_ROLE_OS', 'the operating system of the role'],
  ['SCALR_ENV_ID', 'the number of the environment'],
  ['SCALR_ENV_NAME', 'the name of the environment'],
  ['SCALR_ACCOUNT_ID', 'the number of the account'],
  ['SCALR_ACCOUNT_NAME', 'the name of the account'],
  ['SCALR_PROJECT_ID', 'the id of the farm’s project'],
  ['SCALR_PROJECT_NAME', 'the name of the farm’s project'],
  ['SCALR_PROJECT_BC', 'the billing code of the farm’s project'],
  ['SCALR_COST_CENTER_ID', 'the id of the environment’s cost center'],
  ['SCALR_COST_CENTER_NAME', 'the name of the environment’s cost center'],
  ['SCALR_COST_CENTER_BC', 'the billing code of the environment’s cost center'],
  ['SCALR_CLOUD_PLATFORM', 'openstack, vmware and so on'],
  ['SCALR_CLOUD_LOCATION', 'the id of the region or datacenter'],
  ['SCALR_IMAGE_ID', 'the id of the image'],
  ['SCALR_SERVER_TYPE', 'the id of the instance type'],
  ['SCALR_LAUNCHED_BY_ID', 'the number of the user who launched the server'],
  ['SCALR_LAUNCHED_BY_EMAIL', 'the email of who launched the server'],
];

/** What differs from server to server of a tier. */
export function NameFields({ form }: { form: UseFormReturnType<FarmRoleValues> }) {
  return (
    <>
      <TextInput
        label="Instance name"
        description="The name in the cloud. Variables in braces are put in. Empty: the id of the server."
        placeholder="{SCALR_FARM_ROLE_ALIAS}-{SCALR_INSTANCE_INDEX}"
        {...form.getInputProps('instanceName')}
      />
      <Textarea
        label="User data"
        description="For cloud-init, with the same variables. Other braces stay as they are."
        autosize
        minRows={4}
        maxRows={20}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        {...form.getInputProps('userData')}
      />
      <Fold label="Variables for the instance name and user data">
        <dl className="facts">
          {VARIABLES.map(([name, meaning]) => (
            <Variable key={name} name={`{${name}}`} meaning={meaning} />
          ))}
        </dl>
      </Fold>
    </>
  );
}

function Variable({ name, meaning }: { name: string; meaning: string }) {
  return (
    <>
      <dt>
        <Group gap={4} wrap="nowrap">
          <Text span className="mono" size="xs" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Copy value={name} what={name} />
        </Group>
      </dt>
      <dd>{meaning}</dd>
    </>
  );
}

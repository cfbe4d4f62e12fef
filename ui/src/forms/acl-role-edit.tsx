import { Select, Stack, Table, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import { type AclRole, createAclRole, permissionsQuery, updateAclRole } from '../api/teams';
import { ErrorNotice } from '../parts/ErrorNotice';
import { FormDialog } from '../parts/FormDialog';

const BASES = ['full-access', 'read-only', 'no-access'];
type Choice = 'inherit' | 'grant' | 'withhold';

/** Makes a role of the account, or changes the one given: a base role, and what differs from it. */
export function AclRoleForm({
  account,
  role,
  done,
}: {
  account: number;
  role?: AclRole;
  done: (role: AclRole) => void;
}) {
  const all = useQuery(permissionsQuery(account));
  const form = useForm({
    initialValues: {
      name: role?.name ?? '',
      baseRole: role?.baseRole ?? 'read-only',
      permissions: (role?.permissions ?? {}) as Record<string, boolean>,
    },
    validate: { name: (value) => (value.trim() ? null : 'Enter a name') },
  });
  const { permissions, baseRole } = form.values;
  const choose = (name: string, choice: Choice) => {
    const { [name]: _, ...others } = permissions;
    form.setFieldValue(
      'permissions',
      choice === 'inherit' ? others : { ...others, [name]: choice === 'grant' },
    );
  };
  return (
    <FormDialog
      label={role ? 'Edit ACL role' : 'New ACL role'}
      submit={role ? 'Save' : 'Create'}
      variant={role ? 'default' : 'filled'}
      form={form}
      act={(values) => (role?.id ? updateAclRole(account, role.id, values) : createAclRole(account, values))}
      done={done}
    >
      <TextInput label="Name" maxLength={255} {...form.getInputProps('name')} />
      <Select
        label="Base role"
        description="What is not said below is as this role has it."
        data={BASES}
        allowDeselect={false}
        {...form.getInputProps('baseRole')}
      />
      <ErrorNotice error={all.error} title="The permissions cannot be read" />
      <Stack
        gap={0}
        mah={340}
        style={{ overflow: 'auto' }}
        tabIndex={0}
        role="region"
        aria-label="Permissions"
      >
        <Table withTableBorder={false} verticalSpacing={4}>
          <Table.Tbody>
            {(all.data ?? []).map((it) => (
              <Table.Tr key={it.name}>
                <Table.Td title={it.description}>
                  <span className="mono">{it.name}</span>
                  <br />
                  {it.description}
                </Table.Td>
                <Table.Td w={150}>
                  <Select
                    size="xs"
                    aria-label={it.name}
                    data={[
                      {
                        value: 'inherit',
                        label: `${it.baseRoles.includes(baseRole) ? 'granted' : 'withheld'} by base`,
                      },
                      { value: 'grant', label: 'grant' },
                      { value: 'withhold', label: 'withhold' },
                    ]}
                    value={it.name in permissions ? (permissions[it.name] ? 'grant' : 'withhold') : 'inherit'}
                    onChange={(value) => choose(it.name, value as Choice)}
                    allowDeselect={false}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Stack>
    </FormDialog>
  );
}

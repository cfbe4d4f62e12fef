import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';

import { changeSecurityGroup, createSecurityGroup, type SecurityGroup } from '../api/security-groups';
import { FormDialog } from '../parts/FormDialog';
import { RuleFields } from './network-rules';
import { groupValuesOf, type NetworkValues, rulesOf, wrongGroup } from './network-values';
import { OpenstackLocation } from './openstack-location';

type Props = {
  envId: number;
  /** The one to be changed; without, a new one. */
  group?: SecurityGroup;
  done: (saved: SecurityGroup) => void;
  leftSection?: ReactNode;
};

/** Makes a security group that belongs to no network, or changes what it lets in: the rest stays as it was made. */
export function SecurityGroupForm({ envId, group, done, leftSection }: Props) {
  const form = useForm<NetworkValues>({
    initialValues: groupValuesOf(group),
    validate: (values) => wrongGroup(values, 'security group'),
  });
  const save = (values: NetworkValues) => {
    const rules = rulesOf(values);
    return group
      ? changeSecurityGroup(envId, group.id, { rules })
      : createSecurityGroup(envId, { name: values.name.trim(), cloudLocation: values.location, rules });
  };
  return (
    <FormDialog
      label={group ? 'Edit rules' : 'New security group'}
      aria-label={group && `Edit the rules of ${group.name}`}
      submit={group ? 'Save' : 'Create'}
      variant={group && 'default'}
      size={group && 'xs'}
      dialogSize="lg"
      leftSection={leftSection}
      form={form}
      act={save}
      done={done}
    >
      {!group && (
        <>
          <TextInput
            label="Name"
            description="Stays as it is. Unique among the security groups of this environment."
            required
            data-autofocus
            {...form.getInputProps('name')}
          />
          <OpenstackLocation envId={envId} {...form.getInputProps('location')} />
        </>
      )}
      <RuleFields form={form} />
    </FormDialog>
  );
}

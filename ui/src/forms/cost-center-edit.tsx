import { useForm } from '@mantine/form';

import { type CostCenter, createCostCenter, updateCostCenter } from '../api/cost-centers';
import { FormDialog } from '../parts/FormDialog';
import { chargeBodyOf, ChargeFields, chargeValuesOf, NameField, wrongCharge } from './charge-fields';

type Props = { costCenter?: CostCenter; done: (made: CostCenter) => void };

/** Makes a cost center, or changes the one given. */
export function CostCenterForm({ costCenter, done }: Props) {
  const form = useForm({ initialValues: chargeValuesOf(costCenter), validate: wrongCharge('cost center') });
  return (
    <FormDialog
      label={costCenter ? 'Edit' : 'New cost center'}
      aria-label={costCenter ? `Edit ${costCenter.name}` : undefined}
      submit={costCenter ? 'Save' : 'Create'}
      variant={costCenter ? 'default' : 'filled'}
      size={costCenter ? 'xs' : 'sm'}
      form={form}
      act={(values) => {
        const body = chargeBodyOf(values);
        return costCenter?.id ? updateCostCenter(costCenter.id, body) : createCostCenter(body);
      }}
      done={done}
    >
      <NameField input={(name) => form.getInputProps(name)} />
      <ChargeFields input={(name) => form.getInputProps(name)} />
    </FormDialog>
  );
}

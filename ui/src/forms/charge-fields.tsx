import { TextInput } from '@mantine/core';
import type { GetInputPropsReturnType } from '@mantine/form';

/** As the server counts them. */
const LONGEST = 255;

/** What projects and cost centers both have. */
export type ChargeValues = { name: string; billingCode: string; leadEmail: string; description: string };

type Known = { [K in keyof ChargeValues]?: string | null };

export function chargeValuesOf(known: Known | undefined): ChargeValues {
  return {
    name: known?.name ?? '',
    billingCode: known?.billingCode ?? '',
    leadEmail: known?.leadEmail ?? '',
    description: known?.description ?? '',
  };
}

export function chargeBodyOf({ name, billingCode, leadEmail, description }: ChargeValues): ChargeValues {
  return {
    name: name.trim(),
    billingCode: billingCode.trim(),
    leadEmail: leadEmail.trim(),
    description: description.trim(),
  };
}

/** `what`: such as `cost center`. */
export function wrongCharge(what: string) {
  const isLong = (value: string) =>
    [...value.trim()].length > LONGEST ? `At most ${LONGEST} characters.` : null;
  return {
    name: (value: string) => (value.trim() ? isLong(value) : `Give the ${what} a name.`),
    billingCode: isLong,
    leadEmail: isLong,
    description: isLong,
  };
}

type Props = { input: (name: keyof ChargeValues) => GetInputPropsReturnType };

export function NameField({ input }: Props) {
  return <TextInput label="Name" required data-autofocus {...input('name')} />;
}

export function ChargeFields({ input }: Props) {
  return (
    <>
      <TextInput
        label="Billing code"
        description="What the bookkeeping calls it. May be empty."
        {...input('billingCode')}
      />
      <TextInput
        label="Lead email"
        description="Whom to ask about it. May be empty."
        type="email"
        {...input('leadEmail')}
      />
      <TextInput label="Description" {...input('description')} />
    </>
  );
}

import { Select } from '@mantine/core';

export type Choice = { value: string; label: string };

type Props = {
  /** What the list is narrowed by, such as `Cloud`. */
  label: string;
  choices: Choice[];
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  disabled?: boolean;
  /** What it says while it narrows nothing, where the label is too long for it. */
  any?: string;
};

/** One filter of a list. What is in the page's address and not among the choices is shown as it is written. */
export function FilterSelect(props: Props) {
  const { label, choices, value, onChange, disabled = false, any = `Any ${label.toLowerCase()}` } = props;
  const isKnown = !value || choices.some((it) => it.value === value);
  return (
    <Select
      w={{ base: 'calc(50% - 0.4rem)', xs: 180 }}
      aria-label={label}
      placeholder={any}
      data={isKnown ? choices : [{ value, label: value }, ...choices]}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      disabled={disabled}
      searchable
      clearable
      limit={200}
      clearButtonProps={{ 'aria-label': any }}
      nothingFoundMessage="None has this in its name"
    />
  );
}

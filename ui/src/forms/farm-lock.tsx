import { Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { type Farm, lockFarm, type UnlockPermission } from '../api/farms';
import { FormDialog } from '../parts/FormDialog';

/** As the server counts them. */
const LONGEST_COMMENT = 255;

type Props = { envId: number; farm: Farm; done: (locked: Farm) => void };

/** Has changes of a farm refused, and says why. */
export function LockFarm({ envId, farm, done }: Props) {
  const form = useForm({
    initialValues: { comment: '', unlock: 'anyone' as UnlockPermission },
    validate: {
      comment: (value) =>
        [...value.trim()].length > LONGEST_COMMENT ? `At most ${LONGEST_COMMENT} characters.` : null,
    },
  });
  return (
    <FormDialog
      label="Lock"
      submit="Lock"
      variant="default"
      form={form}
      act={({ comment, unlock }) => lockFarm(envId, farm.id ?? 0, comment.trim(), unlock)}
      done={done}
    >
      <TextInput
        label="Comment"
        description="Why, such as “sales until Monday”. Whoever is refused reads it."
        data-autofocus
        {...form.getInputProps('comment')}
      />
      <Radio.Group label="Who may unlock it" {...form.getInputProps('unlock')}>
        <Stack gap="xs" mt={4}>
          <Radio value="anyone" label="Whoever may change farms" />
          <Radio
            value="owner"
            label={`Its owner, ${farm.owner?.email ?? 'nobody'}`}
            description="And those who manage the environments of the account."
          />
        </Stack>
      </Radio.Group>
    </FormDialog>
  );
}

import { Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { type Image, updateImage } from '../api/images';
import { useScope } from '../api/scope';
import { FormDialog } from '../parts/FormDialog';

/** As the server counts. */
const LONGEST_NAME = 255;

/** What can be changed of an image later: the rest is the cloud's. */
export function ImageForm({ image, done }: { image: Image; done: (image: Image) => void }) {
  const scope = useScope();
  const form = useForm({
    initialValues: { name: image.name ?? '', deprecated: image.deprecated ?? false },
    validate: {
      name: (value) =>
        !value.trim()
          ? 'Give the image a name.'
          : [...value.trim()].length > LONGEST_NAME
            ? `At most ${LONGEST_NAME} characters.`
            : null,
    },
  });
  return (
    <FormDialog
      label="Edit"
      submit="Save"
      variant="default"
      form={form}
      act={({ name, deprecated }) => updateImage(scope, image.id ?? '', { name: name.trim(), deprecated })}
      done={done}
    >
      <TextInput
        label="Name"
        description="Here; the cloud keeps its own."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Switch
        label="Deprecated"
        description="Says that it should not be put into roles any more. Roles that have it still launch from it."
        {...form.getInputProps('deprecated', { type: 'checkbox' })}
      />
    </FormDialog>
  );
}

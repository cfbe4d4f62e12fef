import { Checkbox, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';

import type { Schemas } from '../api/client';
import { type Image, imagesQuery, replaceImage } from '../api/images';
import { useScope } from '../api/scope';
import { usePlaceName } from '../pages/images/names';
import { nOf } from '../pages/inventory/units';
import { FormDialog } from '../parts/FormDialog';

type Props = { image: Image; isOwn: boolean; done: (message: string) => void };
type Scopes = Schemas['ReplaceImage']['scope'];

/** Puts another image of the same place and operating system where this one is. */
export function ReplaceImage({ image, isOwn, done }: Props) {
  const scope = useScope();
  const placeName = usePlaceName(scope);
  const images = useQuery(imagesQuery(scope));
  const choices = (images.data ?? []).filter((it) => canReplace(image, it));
  const form = useForm({
    initialValues: { image: '', deprecates: false, isBelow: false },
    validate: { image: (value) => (value ? null : 'Choose an image.') },
  });
  const below: Record<string, Scopes> = {
    global: ['scalr', 'account', 'environment'],
    account: ['account', 'environment'],
  };
  return (
    <FormDialog
      label="Replace"
      submit="Replace"
      variant="default"
      form={form}
      act={(values) =>
        replaceImage(scope, image.id ?? '', {
          newImage: { id: values.image },
          deprecateOldImage: values.deprecates,
          scope: values.isBelow ? below[scope.kind] : undefined,
        })
      }
      done={(roles) => done(`${nOf(roles.length, 'role')} changed from ${image.name} to another image.`)}
    >
      <Select
        label="New image"
        description={`Of ${placeName(image)}, with the same operating system. It takes the place of ${image.name} in the roles that were made here.`}
        required
        searchable
        allowDeselect={false}
        limit={200}
        data={choices.map((it) => ({ value: it.id ?? '', label: it.name ?? '' }))}
        placeholder={
          images.isSuccess && choices.length === 0 ? 'No other image is registered there' : undefined
        }
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('image')}
        error={form.errors.image ?? images.error?.message}
      />
      {below[scope.kind] && (
        <Checkbox
          label={
            scope.kind === 'global'
              ? 'Also in roles of accounts and environments'
              : 'Also in roles of environments'
          }
          {...form.getInputProps('isBelow', { type: 'checkbox' })}
        />
      )}
      {isOwn && (
        <Checkbox
          label="Mark the old image as deprecated"
          {...form.getInputProps('deprecates', { type: 'checkbox' })}
        />
      )}
    </FormDialog>
  );
}

/** As the server has it: another image for the same servers in the same place. */
export function canReplace(old: Image, it: Image): boolean {
  return (
    it.id !== old.id &&
    it.cloudPlatform === old.cloudPlatform &&
    it.cloudLocation === old.cloudLocation &&
    it.os?.id === old.os?.id
  );
}

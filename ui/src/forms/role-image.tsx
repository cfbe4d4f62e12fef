import { Anchor, Select, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { type Image, imagesQuery } from '../api/images';
import { addRoleImage, replaceRoleImage, type Role } from '../api/roles';
import { type Scope, scopeSegment, useScope } from '../api/scope';
import { usePlaceName } from '../pages/images/names';
import { FormDialog } from '../parts/FormDialog';
import { canReplace } from './image-replace';

type Props = {
  role: Role;
  /** Those it has. */
  images: Image[];
  /** The one that another is put in place of; absent where one is added. */
  old?: Image;
  done: (message: string) => void;
};

/** Of the registered images those that the role can have: of its operating system, one for each location. */
export function RoleImageForm({ role, images, old, done }: Props) {
  const scope = useScope();
  const placeName = usePlaceName(scope);
  const all = useQuery(imagesQuery(scope));
  const isFree = (it: Image) =>
    it.os?.id === role.os?.id &&
    images.every((has) => has.cloudPlatform !== it.cloudPlatform || has.cloudLocation !== it.cloudLocation);
  const fitting = (all.data ?? []).filter((it) => (old ? canReplace(old, it) : isFree(it)));
  const form = useForm({
    initialValues: { image: '' },
    validate: { image: (value) => (value ? null : 'Choose an image.') },
  });
  const label = (it: Image) =>
    `${it.name}${old ? '' : `: ${placeName(it)}`}${it.deprecated ? ' (deprecated)' : ''}`;
  return (
    <FormDialog
      label={old ? 'Replace' : 'Add image'}
      aria-label={old ? `Replace ${old.name}` : undefined}
      size={old ? 'xs' : 'sm'}
      submit={old ? 'Replace' : 'Add'}
      variant="default"
      form={form}
      act={({ image }) =>
        old
          ? replaceRoleImage(scope, role.id ?? 0, old.id ?? '', image)
          : addRoleImage(scope, role.id ?? 0, image)
      }
      done={() => done(old ? `${old.name} is replaced in ${role.name}.` : `${role.name} has one more image.`)}
    >
      <Select
        label="Image"
        description={
          old
            ? `Registered for ${placeName(old)}, with the same operating system. Servers that run stay as they are.`
            : 'Registered for a location that the role has no image in, with the operating system of the role.'
        }
        required
        searchable
        allowDeselect={false}
        limit={200}
        data={fitting.map((it) => ({ value: it.id ?? '', label: label(it) }))}
        placeholder={all.isSuccess && fitting.length === 0 ? 'There is none that fits' : undefined}
        nothingFoundMessage="None has this in its name"
        {...form.getInputProps('image')}
        error={form.errors.image ?? all.error?.message}
      />
      {all.isSuccess && <NotThere scope={scope} given={{ os: role.os?.id, ...placeOf(old) }} />}
    </FormDialog>
  );
}

function placeOf(old: Image | undefined) {
  return { cloud: old?.cloudPlatform, location: old?.cloudLocation };
}

function NotThere({ scope, given }: { scope: Scope; given: object }) {
  return (
    <Text size="sm">
      The image is not among them?{' '}
      <Anchor
        component={Link}
        to="/$scope/images/new"
        params={{ scope: scopeSegment(scope) } as never}
        search={given as never}
        size="sm"
        underline="always"
      >
        Register it
      </Anchor>{' '}
      first.
    </Text>
  );
}

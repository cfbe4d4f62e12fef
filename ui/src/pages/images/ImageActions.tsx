import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { deleteImage, type Image } from '../../api/images';
import { readRolesAnew, type Role } from '../../api/roles';
import { scopeSegment, useScope } from '../../api/scope';
import { ImageForm } from '../../forms/image-edit';
import { ReplaceImage } from '../../forms/image-replace';
import { Confirm } from '../../parts/Confirm';

type Props = { image: Image; isOwn: boolean; roles: Role[] };

/** What can be done with an image: another one can be put in its place from below, too. */
export function ImageActions({ image, isOwn, roles }: Props) {
  const scope = useScope();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const id = image.id ?? '';
  const done = (message: string) => {
    void readRolesAnew(queries);
    notifications.show({ message });
  };
  return (
    <>
      {isOwn && (
        <ImageForm
          key={`${image.name} ${image.deprecated}`}
          image={image}
          done={(made) => done(`Image ${made.name} is saved.`)}
        />
      )}
      {roles.length > 0 && <ReplaceImage image={image} isOwn={isOwn} done={done} />}
      {isOwn && (
        <Confirm
          size="sm"
          label="Delete"
          question={`Forget the image ${image.name}?`}
          act={() => deleteImage(scope, id)}
          done={() => {
            // Before the page is left, nothing asks for what is gone.
            void navigate({ to: '/$scope/images', params: { scope: scopeSegment(scope) } }).then(() =>
              done(`Image ${image.name} is forgotten.`),
            );
          }}
        >
          {roles.length > 0
            ? `It is used by ${roles.map((it) => it.name).join(', ')}: take it out of those roles first, or put another image in its place.`
            : 'Nothing is launched from it any more. The cloud keeps its image, and it can be registered again.'}
        </Confirm>
      )}
    </>
  );
}

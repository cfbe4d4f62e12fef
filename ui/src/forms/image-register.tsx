import { Button, Checkbox, Group, Paper, Select, SimpleGrid, Stack, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type Image, registerImage } from '../api/images';
import { osQuery } from '../api/os';
import { environmentId, useScope } from '../api/scope';
import { ErrorNotice } from '../parts/ErrorNotice';
import { ById } from './image-by-id';
import { FromCloud } from './image-from-cloud';
import { ARCHITECTURES, bodyOf, FIELDS, type ImageValues, NEW_IMAGE, wrong } from './image-values';

type Props = { given: Partial<ImageValues>; done: (made: Image) => void; cancel: () => void };

/** Registers an image of a cloud, so that roles can have it. */
export function RegisterImage({ given, done, cancel }: Props) {
  const scope = useScope();
  const envId = environmentId(scope);
  const systems = useQuery(osQuery(scope));
  const form = useForm<ImageValues>({
    initialValues: { ...NEW_IMAGE, ...given },
    validate: (values) => wrong(values, scope),
  });
  const save = useMutation({
    mutationFn: (values: ImageValues) => registerImage(scope, bodyOf(values)),
    onSuccess: done,
  });
  const submit = form.onSubmit(
    (values) => save.mutate(values),
    (errors) => form.getInputNode(FIELDS.find((it) => errors[it]) ?? '')?.focus(),
  );
  const isHere = scope.kind === 'environment';
  return (
    <form onSubmit={submit} noValidate aria-label="Image">
      <Stack gap="md" maw={980}>
        <Part title="In the cloud">
          {isHere ? (
            <FromCloud envId={envId} form={form} systems={systems.data ?? []} />
          ) : (
            <ById form={form} />
          )}
        </Part>
        <Part title="What it is">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label="Name"
              description={isHere ? 'Empty: the name it has in the cloud.' : 'As people are to find it.'}
              required={!isHere}
              {...form.getInputProps('name')}
            />
            <Select
              label="Operating system"
              description="Roles take images of their own operating system only."
              required
              searchable
              allowDeselect={false}
              limit={200}
              data={(systems.data ?? []).map((it) => ({ value: it.id, label: it.name }))}
              nothingFoundMessage="None has this in its name. Choose Other Linux for what is not listed."
              {...form.getInputProps('os')}
              error={form.errors.os ?? systems.error?.message}
            />
            <Select
              label="Architecture"
              required
              allowDeselect={false}
              data={ARCHITECTURES}
              {...form.getInputProps('architecture')}
            />
          </SimpleGrid>
          <Checkbox
            label="cloud-init is installed"
            description="Then user data of farm roles is carried out at the first start."
            {...form.getInputProps('hasCloudInit', { type: 'checkbox' })}
          />
        </Part>
        <ErrorNotice error={save.error} title="Nothing was registered" />
        <Group gap="sm">
          <Button type="submit" loading={save.isPending}>
            Register image
          </Button>
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

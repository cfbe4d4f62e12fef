import { Button, Group, List, Loader, Modal, Stack, Text } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';

import { answer, api } from '../../api/client';
import { ErrorNotice } from '../../parts/ErrorNotice';

const accountNamesQuery = queryOptions({
  queryKey: ['accounts', 'global', 'names'],
  queryFn: async ({ signal }) => {
    const names: string[] = [];
    for (let pageNum = 1; ; pageNum++) {
      const query = { maxResults: 100, pageNum };
      const page = await answer(api.GET('/api/v1beta0/global/accounts/', { params: { query }, signal }));
      names.push(...page.data.map((it) => it.name ?? `account ${it.id}`));
      if (!page.pagination?.next) return names;
    }
  },
  staleTime: 0,
});

/** Names who gets access by credentials of the Scalr scope before they are saved. */
export function ShareQuestion({
  name,
  close,
  confirm,
}: {
  name: string;
  close: () => void;
  confirm: () => void;
}) {
  const { data: names, error, isFetching, refetch } = useQuery(accountNamesQuery);
  return (
    <Modal.Root opened onClose={close} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          <Stack>
            <Modal.Title fw={600}>Give all accounts access to this cloud?</Modal.Title>
            <Text size="sm">
              Credentials of the Scalr scope are available to every account, also to those that are made
              later. These accounts may use <b>{name}</b>:
            </Text>
            <ErrorNotice error={error} retry={() => void refetch()} />
            {!names && isFetching && <Loader size="sm" aria-label="Loading the accounts" />}
            {names && (
              <List
                size="sm"
                mah="40vh"
                style={{ overflow: 'auto' }}
                tabIndex={0}
                aria-label="Accounts that get access"
              >
                {names.map((it) => (
                  <List.Item key={it}>{it}</List.Item>
                ))}
              </List>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={close} data-autofocus>
                Cancel
              </Button>
              <Button disabled={!names} onClick={confirm}>
                Save for all accounts
              </Button>
            </Group>
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

import { queryOptions } from '@tanstack/react-query';

import { answer, api, data, type Schemas } from './client';
import { every } from './every';

export type Team = Schemas['Team'];
export type AclRole = Schemas['AclRole'];

export const teamsQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['teams', `account-${accountId}`, 'list'],
    queryFn: ({ signal }) =>
      every((query) =>
        answer(
          api.GET('/api/v1beta0/account/{accountId}/teams/', {
            params: { path: { accountId }, query },
            signal,
          }),
        ),
      ),
  });

export const teamQuery = (accountId: number, teamId: number) =>
  queryOptions({
    queryKey: ['teams', `account-${accountId}`, teamId],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/teams/{teamId}/', {
          params: { path: { accountId, teamId } },
          signal,
        }),
      ),
  });

export const createTeam = (accountId: number, body: Team) =>
  data(api.POST('/api/v1beta0/account/{accountId}/teams/', { params: { path: { accountId } }, body }));

export const updateTeam = (accountId: number, teamId: number, body: Team) =>
  data(
    api.PATCH('/api/v1beta0/account/{accountId}/teams/{teamId}/', {
      params: { path: { accountId, teamId } },
      body,
    }),
  );

export const deleteTeam = (accountId: number, teamId: number) =>
  answer(
    api.DELETE('/api/v1beta0/account/{accountId}/teams/{teamId}/', {
      params: { path: { accountId, teamId } },
    }),
  );

export const membersQuery = (accountId: number, teamId: number) =>
  queryOptions({
    queryKey: ['team-members', `account-${accountId}`, teamId],
    queryFn: ({ signal }) =>
      every((query) =>
        answer(
          api.GET('/api/v1beta0/account/{accountId}/teams/{teamId}/members/', {
            params: { path: { accountId, teamId }, query },
            signal,
          }),
        ),
      ),
  });

export const addMember = (accountId: number, teamId: number, body: Schemas['TeamMember']) =>
  data(
    api.POST('/api/v1beta0/account/{accountId}/teams/{teamId}/members/', {
      params: { path: { accountId, teamId } },
      body,
    }),
  );

export const removeMember = (accountId: number, teamId: number, userId: number) =>
  answer(
    api.DELETE('/api/v1beta0/account/{accountId}/teams/{teamId}/members/{userId}/', {
      params: { path: { accountId, teamId, userId } },
    }),
  );

export const aclRolesQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['acl-roles', `account-${accountId}`, 'list'],
    queryFn: ({ signal }) =>
      every((query) =>
        answer(
          api.GET('/api/v1beta0/account/{accountId}/acl-roles/', {
            params: { path: { accountId }, query },
            signal,
          }),
        ),
      ),
  });

export const aclRoleQuery = (accountId: number, aclRoleId: string) =>
  queryOptions({
    queryKey: ['acl-roles', `account-${accountId}`, aclRoleId],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/acl-roles/{aclRoleId}/', {
          params: { path: { accountId, aclRoleId } },
          signal,
        }),
      ),
  });

/** All permissions there are, with the built-in roles that have them. */
export const permissionsQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['permissions'],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1beta0/account/{accountId}/permissions/', { params: { path: { accountId } }, signal }),
      ),
    staleTime: Infinity,
  });

export const createAclRole = (accountId: number, body: AclRole) =>
  data(api.POST('/api/v1beta0/account/{accountId}/acl-roles/', { params: { path: { accountId } }, body }));

export const updateAclRole = (accountId: number, aclRoleId: string, body: AclRole) =>
  data(
    api.PATCH('/api/v1beta0/account/{accountId}/acl-roles/{aclRoleId}/', {
      params: { path: { accountId, aclRoleId } },
      body,
    }),
  );

export const deleteAclRole = (accountId: number, aclRoleId: string) =>
  answer(
    api.DELETE('/api/v1beta0/account/{accountId}/acl-roles/{aclRoleId}/', {
      params: { path: { accountId, aclRoleId } },
    }),
  );

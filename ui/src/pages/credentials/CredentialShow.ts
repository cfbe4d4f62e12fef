import { useNavigate, useParams } from '@tanstack/react-router';

import { scopeSegment, useScope } from '../../api/scope';

export type CredentialSearch = { tab?: string; region?: string; validation?: string };

/** To another part of the page; what it shows is all in the address. */
export function useShow() {
  const scope = useScope();
  const { credentialId } = useParams({ from: '/in/$scope/credentials/$credentialId' });
  const navigate = useNavigate();
  return (search: CredentialSearch, replace = true) =>
    void navigate({
      to: '/$scope/credentials/$credentialId',
      params: { scope: scopeSegment(scope), credentialId },
      search,
      replace,
    });
}

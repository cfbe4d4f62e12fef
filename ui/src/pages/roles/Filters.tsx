import { useNavigate, useSearch } from '@tanstack/react-router';

import type { Role } from '../../api/roles';
import { useScope } from '../../api/scope';
import { FilterSelect } from '../../parts/FilterSelect';
import type { Filters } from '../../parts/ListPage';
import { distinct } from '../images/Filters';
import { SCOPES, useOsName } from '../images/names';

const NONE = { os: undefined, category: undefined, of: undefined };

/** By operating system, category and scope: of each what some role has. */
export function useRoleFilters(roles: Role[], categoryName: (role: Role) => string): Filters<Role> {
  const { os, category, of } = useSearch({ from: '/in/$scope/roles' });
  const osName = useOsName(useScope());
  const navigate = useNavigate();
  const change = (next: object) =>
    void navigate({ to: '.', search: ((old: object) => ({ ...old, ...next })) as never, replace: true });
  return {
    fields: (
      <>
        <FilterSelect
          label="Operating system"
          any="Any system"
          choices={distinct(
            roles,
            (it) => it.os?.id,
            (it) => osName(it.os?.id),
          )}
          value={os}
          onChange={(next) => change({ os: next })}
        />
        <FilterSelect
          label="Category"
          choices={distinct(roles, (it) => (it.category ? String(it.category.id) : undefined), categoryName)}
          value={category}
          onChange={(next) => change({ category: next })}
        />
        <FilterSelect label="Scope" choices={SCOPES} value={of} onChange={(next) => change({ of: next })} />
      </>
    ),
    isOn: Boolean(os || category || of),
    keep: (it) =>
      (!os || it.os?.id === os) &&
      (!category || String(it.category?.id) === category) &&
      (!of || it.scope === of),
    none: NONE,
  };
}

import { NativeSelect } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';

import type { Place } from '../../api/inventory';
import { scopeSegment } from '../../api/scope';
import { kindsOf, viewsOf } from './nouns';
import './inventory.css';

/** What there is to see of a place. Links, because each has an address of its own. */
export function KindNav({ place, noun }: { place: Place; noun: string }) {
  const navigate = useNavigate();
  const groups: { noun: string; label: string }[][] = [
    kindsOf(place.cloudPlatform),
    [...viewsOf(place.cloudPlatform)],
  ].filter((it) => it.length > 0);
  const params = (to: string) => ({
    scope: scopeSegment({ kind: 'environment', id: place.envId }),
    cloud: place.cloudPlatform,
    location: place.cloudLocation,
    noun: to,
  });
  return (
    <>
      <nav aria-label="Kinds of inventory" className="kinds mantine-visible-from-sm">
        {groups.map((group) => (
          <ul key={group[0]?.noun}>
            {group.map((it) => (
              <li key={it.noun}>
                <Link
                  to="/$scope/inventory/$cloud/$location/$noun"
                  params={params(it.noun) as never}
                  // The router compares addresses, and ids of locations are written in more than one way there.
                  aria-current={it.noun === noun ? 'page' : undefined}
                >
                  {it.label}
                </Link>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      <NativeSelect
        hiddenFrom="sm"
        aria-label="Kind of inventory"
        value={noun}
        data={groups.flat().map((it) => ({ value: it.noun, label: it.label }))}
        onChange={(event) =>
          void navigate({
            to: '/$scope/inventory/$cloud/$location/$noun',
            params: params(event.currentTarget.value) as never,
          })
        }
      />
    </>
  );
}

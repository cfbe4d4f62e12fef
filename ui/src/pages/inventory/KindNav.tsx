import { NativeSelect } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';

import { isVsphere } from '../../api/clouds';
import type { Place } from '../../api/inventory';
import { scopeSegment } from '../../api/scope';
import { kindsOf, TREE } from './nouns';
import './inventory.css';

/** What there is to see of a place. Links, because each has an address of its own. */
export function KindNav({ place, noun }: { place: Place; noun: string }) {
  const navigate = useNavigate();
  const tree = isVsphere(place.cloudPlatform) ? [{ noun: TREE, label: 'Tree' }] : [];
  const all: { noun: string; label: string }[] = [...kindsOf(place.cloudPlatform), ...tree];
  const params = (to: string) => ({
    scope: scopeSegment({ kind: 'environment', id: place.envId }),
    cloud: place.cloudPlatform,
    location: place.cloudLocation,
    noun: to,
  });
  return (
    <>
      <nav aria-label="Kinds of inventory" className="mantine-visible-from-sm">
        <ul className="kinds">
          {all.map((it) => (
            <li key={it.noun}>
              <Link
                to="/$scope/inventory/$cloud/$location/$noun"
                params={params(it.noun) as never}
                activeOptions={{ includeSearch: false }}
              >
                {it.label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <NativeSelect
        hiddenFrom="sm"
        aria-label="Kind of inventory"
        value={noun}
        data={all.map((it) => ({ value: it.noun, label: it.label }))}
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

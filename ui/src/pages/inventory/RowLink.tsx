import { defaultStringifySearch, useNavigate } from '@tanstack/react-router';
import { memo, type MouseEvent } from 'react';

import type { ListState } from './address';

type Props = { id: string; name: string };

/**
 * Opens what is known of a thing beside the list. Hundreds are drawn while one scrolls, so it is no link of the router,
 * each of which looks at the address of the page anew; and it is drawn once for each row.
 */
export const RowLink = memo(function RowLink({ id, name }: Props) {
  const navigate = useNavigate();
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const search = (before: ListState) => ({ ...before, id });
    void navigate({ to: '.', search: search as never, resetScroll: false });
  };
  return (
    <a href={defaultStringifySearch({ id })} onClick={open} className="row-link">
      {name}
    </a>
  );
});

import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './app.css';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { ApiError, whenSessionEnds } from './api/client';
import { sessionQuery } from './api/session';
import { makeRouter, preloadPage } from './routes';
import { theme } from './theme';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refused stays refused; only a server that does not answer is asked again.
      retry: (n, error) => n < 3 && error instanceof ApiError && error.isUnreachable,
    },
  },
});
const router = makeRouter(queries);
// Every page waits for it and for its own scripts; both are fetched while the first frame is made ready.
void queries.prefetchQuery(sessionQuery);
preloadPage(router);

// The page stays as it is, with what was typed; `SessionEnded` asks for the password.
whenSessionEnds(() => queries.setQueryData(sessionQuery.queryKey, null));

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

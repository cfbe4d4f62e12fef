import createClient, { type Middleware } from 'openapi-fetch';

import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Validation = Schemas['Validation'];

/** What the server refused, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly remedy: string | undefined,
    /** Also in the server's log. Absent when the server was not reached. */
    readonly requestId: string | undefined,
    /** The report, where a validation failed. */
    readonly validation: Validation | undefined,
  ) {
    super(message);
  }

  /** No answer at all: the server restarts, or the network is gone. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.isUnreachable;
}

/**
 * True where what was read before is gone, or no longer for these eyes. A server that is lost and a session that has
 * ended are no reason to take a page away, with what was typed on it.
 */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}

/** Sent with every change. A session has one as long as it lasts; `GET /session/` tells it. */
let csrfToken: string | undefined;
let onSessionEnd: () => void = () => {};

export function useCsrfToken(token: string | null | undefined) {
  csrfToken = token ?? undefined;
}

/** Called when the server no longer knows the session. */
export function whenSessionEnds(then: () => void) {
  onSessionEnd = then;
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });
api.use(csrf);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The whole envelope of a good answer; anything else is thrown as an `ApiError`. */
export async function answer<T>(asked: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await asked;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(
      0,
      'Unreachable',
      'The server does not answer.',
      'Check that the Stackyard server runs. When it answers, what is shown is read again by itself; a change has to be sent again.',
      undefined,
      undefined,
    );
  }
  if (got.response.ok) return got.data as T;
  const error = refusal(got.response, got.error);
  if (error.status === 401 && !got.response.url.endsWith('/session/')) onSessionEnd();
  throw error;
}

/** The `data` of a good answer. */
export async function data<T>(asked: Promise<Answer<{ data: T }>>): Promise<T> {
  return (await answer(asked)).data;
}

function refusal(response: Response, body: unknown): ApiError {
  const envelope = body as Partial<Schemas['ErrorEnvelope']> | undefined;
  const first = envelope?.errors?.[0];
  return new ApiError(
    response.status,
    first?.code ?? 'UnexpectedError',
    first ? sentence(first.message) : `The server answered ${response.status} ${response.statusText}.`,
    first?.remedy ? sentence(first.remedy) : undefined,
    envelope?.meta?.requestId,
    first?.validation ?? undefined,
  );
}

/**
 * The server's messages are lower case and without a final dot, to be put together; a page shows sentences. What is no
 * plain word at their beginning, such as an email, an address or a key, stays as it is.
 */
export function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? '' : '.';
  const isWord = /^\p{L}[\p{L}\p{N}’'-]*[,;:.!?]?(\s|$)/u.test(text);
  return (isWord ? text.charAt(0).toUpperCase() : text.charAt(0)) + text.slice(1) + end;
}

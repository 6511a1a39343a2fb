/**
 * The typed client of the Waybill API.
 *
 *     const api = createClient({ origin: "https://api.example.com", getToken: () => user.getIdToken() });
 *     const { data, error } = await api.POST("/api/v1/quotes", { body: { … } });
 *
 * Paths, bodies, parameters and answers are typed by `schema.d.ts`, which is generated from docs/openapi.json.
 * `error` is an RFC 9457 problem whose `code` a program compares.
 */
import createFetchClient, { type Client, type Middleware } from "openapi-fetch";

import type { components, operations, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

/** A model of the API by its name in the document, such as `Schema<"OrderView">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/**
 * The error codes that an operation lists, such as `ErrorCode<"placeOrder">`. Any operation may answer with one of
 * the common codes besides: see the introduction of the document.
 */
export type ErrorCode<Operation extends keyof operations> = CodesOf<
  Omit<operations[Operation]["responses"], "default">
>;

type CodesOf<Responses> = {
  [Status in keyof Responses]: Responses[Status] extends {
    content: { "application/problem+json": { code?: infer Code } };
  }
    ? Code
    : never;
}[keyof Responses];

export interface Options {
  /** Scheme, host and port of the installation, without a path. */
  origin: string;
  /** Returns a current ID token of the signed-in user; none for public operations. */
  getToken?: () => Promise<string | undefined>;
  /** Replaces `fetch`, in tests. */
  fetch?: (request: Request) => Promise<Response>;
}

/** Return a client that sends the user's token with each request. */
export function createClient(options: Options): Client<paths> {
  const client = createFetchClient<paths>({
    baseUrl: options.origin,
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
  const { getToken } = options;
  if (getToken) client.use(authentication(getToken));
  return client;
}

/** Return a new idempotency key: one for each intention of the user, the same one for each retry. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}

function authentication(getToken: () => Promise<string | undefined>): Middleware {
  return {
    async onRequest({ request }) {
      const token = await getToken();
      if (token) request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
  };
}

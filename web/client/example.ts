/** Order food with the typed client: compiled in CI, so that the document and the client fit each other. */
import { createClient, newIdempotencyKey, type ErrorCode, type Schema } from "./client.js";

export async function order(origin: string, token: string, quote: Schema<"QuoteRequest">): Promise<string> {
  const api = createClient({ origin, getToken: async () => token });
  const quoted = await api.POST("/api/v1/quotes", { body: quote });
  if (quoted.error) throw new Error(quoted.error.code);
  const placed = await api.POST("/api/v1/orders", {
    params: { header: { "Idempotency-Key": newIdempotencyKey() } },
    body: { quote_id: quoted.data.id },
  });
  if (placed.error) throw new Error(placed.error.code);
  return placed.data.id;
}

/** What an app says about each reason for which an order is not placed. */
const WHY_NOT: Partial<Record<ErrorCode<"placeOrder">, string>> = {
  MERCHANT_CLOSED: "The shop has just closed.",
  OUT_OF_STOCK: "There is not enough left of an item.",
  QUOTE_USED: "This basket has been ordered already.",
};

export function explain(problem: Schema<"Problem">): string {
  return Object.entries(WHY_NOT).find(([code]) => code === problem.code)?.[1] ?? problem.detail;
}

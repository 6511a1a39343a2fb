/** Order food with the typed client: compiled in CI, so that the document and the client fit each other. */
import { createClient, newIdempotencyKey, type Schema } from "./client.js";

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

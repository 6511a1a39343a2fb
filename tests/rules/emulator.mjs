// The emulators from the server's side: rules, documents and accounts, with the owner's access.

const FIRESTORE = process.env.FIRESTORE_EMULATOR_HOST;
const AUTH = process.env.FIREBASE_AUTH_EMULATOR_HOST;
const ACCOUNTS_PROJECT = process.env.GOOGLE_CLOUD_PROJECT ?? "demo-waybill";
const TIMEOUT_MS = 120_000;

export { AUTH, FIRESTORE };

/** A Firestore project in the emulator; rules and documents are its own. */
export class Server {
  constructor(project) {
    this.project = project;
    this.documents = `http://${FIRESTORE}/v1/projects/${project}/databases/(default)/documents`;
  }

  async useRules(content) {
    const url = `http://${FIRESTORE}/emulator/v1/projects/${this.project}:securityRules`;
    await request("PUT", url, { rules: { files: [{ name: "firestore.rules", content }] } });
  }

  /** Empty the database, then write `documents`, a map of path to fields. */
  async seed(documents) {
    await this.clear();
    const writes = Object.entries(documents).map(([path, fields]) => this.#write(path, fields));
    await request("POST", `${this.documents}:commit`, { writes });
  }

  async clear() {
    const base = `http://${FIRESTORE}/emulator/v1/projects/${this.project}`;
    await request("DELETE", `${base}/databases/(default)/documents`);
  }

  /** Write some fields of one document, as a function does: past the rules. */
  async update(path, fields) {
    const updateMask = { fieldPaths: Object.keys(fields) };
    const write = { ...this.#write(path, fields), updateMask };
    await request("POST", `${this.documents}:commit`, { writes: [write] });
  }

  /** The fields of one document, encoded; null if it does not exist. */
  async read(path) {
    const response = await fetch(`${this.documents}/${path}`, {
      headers: { Authorization: "Bearer owner" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 404) return null;
    return (await response.json()).fields ?? {};
  }

  /** Delete one document, as a function does. */
  async remove(path) {
    const writes = [{ delete: `projects/${this.project}/databases/(default)/documents/${path}` }];
    await request("POST", `${this.documents}:commit`, { writes });
  }

  /** Whether the rules' expression at `offset` had a value since they were loaded, or was never asked for. */
  async wasEvaluated(offset) {
    const url = `http://${FIRESTORE}/emulator/v1/projects/${this.project}:ruleCoverage`;
    const { report } = await request("GET", url);
    const here = flattened(report).filter(({ sourcePosition }) => sourcePosition?.currentOffset === offset);
    // A first pass without the document leaves "undefined" where the document would decide.
    return here.some(({ values = [] }) => values.some(({ value }) => !("undefined" in value)));
  }

  #write(path, fields) {
    const name = `projects/${this.project}/databases/(default)/documents/${path}`;
    return { update: { name, fields: encodeFields(fields) } };
  }
}

/** Make the account unless it is there; `claims` end in its tokens. */
export async function ensureAccount(uid, email, password, claims) {
  const base = `http://${AUTH}/identitytoolkit.googleapis.com/v1/projects/${ACCOUNTS_PROJECT}/accounts`;
  const known = await request("POST", `${base}:lookup`, { localId: [uid] });
  if (!known.users) {
    await request("POST", base, { localId: uid, email, password, emailVerified: true });
  }
  const customAttributes = JSON.stringify(claims);
  await request("POST", `${base}:update`, { localId: uid, customAttributes });
}

async function request(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { Authorization: "Bearer owner", "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text.trim() ? JSON.parse(text) : {};
}

function flattened(nodes = []) {
  return nodes.flatMap((node) => [node, ...flattened(node.children)]);
}

function encodeFields(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, encode(value)]));
}

function encode(value) {
  if (value === null) return { nullValue: null };
  if (typeof value === "boolean") return { booleanValue: value };
  if (typeof value === "number") return { integerValue: String(value) };
  if (typeof value === "string") return { stringValue: value };
  if (value instanceof Date) return { timestampValue: value.toISOString() };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encode) } };
  return { mapValue: { fields: encodeFields(value) } };
}

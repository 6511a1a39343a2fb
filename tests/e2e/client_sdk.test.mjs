// The unmodified Firebase client SDK against a stack: what its addresses and the shop are comes by the environment.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { deleteApp, initializeApp } from "firebase/app";
import { connectAuthEmulator, getAuth, signInWithEmailAndPassword, signOut } from "firebase/auth";
import { connectFunctionsEmulator, getFunctions, httpsCallable } from "firebase/functions";
import { connectStorageEmulator, getDownloadURL, getStorage, ref, uploadString } from "firebase/storage";

const { EMAIL, PASSWORD, WISH, GOOGLE_CLOUD_PROJECT: projectId, WAYBILL_URL } = process.env;
const address = (name) => process.env[name].split(":");
const app = initializeApp({ apiKey: "demo", projectId, storageBucket: `${projectId}.firebasestorage.app` });
const auth = getAuth(app);
const functions = getFunctions(app);
const storage = getStorage(app);
const call = async (name, data) => (await httpsCallable(functions, name)(data)).data;
const signIn = () => signInWithEmailAndPassword(auth, EMAIL, PASSWORD);

before(async () => {
  connectAuthEmulator(auth, `http://${process.env.FIREBASE_AUTH_EMULATOR_HOST}`, { disableWarnings: true });
  connectFunctionsEmulator(functions, address("FUNCTIONS_PORT")[0], Number(address("FUNCTIONS_PORT")[1]));
  connectStorageEmulator(storage, address("STORAGE_PORT")[0], Number(address("STORAGE_PORT")[1]));
  await signIn();
});

after(() => deleteApp(app));

test("an order is quoted, placed once for one key, read and listed", async () => {
  const quote = await call("makeQuote", JSON.parse(WISH));
  const placement = { quote_id: quote.id, idempotency_key: "first" };
  const order = await call("placeOrder", placement);
  assert.deepEqual(await call("placeOrder", placement), order);
  assert.equal((await call("getOrder", { order_id: order.id })).fulfilment, "placed");
  const { orders } = await call("listOrders", { page_size: 5, page_token: undefined, fulfilment: ["placed"] });
  assert.deepEqual(orders.map(({ id }) => id), [order.id]);
});

test("without a key of one's own an order is placed too", async () => {
  const { id } = await call("makeQuote", JSON.parse(WISH));
  assert.equal((await call("placeOrder", { quote_id: id })).fulfilment, "placed");
  const again = await refused(call("placeOrder", { quote_id: id }));
  assert.equal(again.code, "functions/failed-precondition");
});

test("a document is edited at the version that was read", async () => {
  const address = { label: "Home", address: "12th Main", location: { lat: 12.97, lng: 77.64 } };
  const made = await call("addAddress", address);
  const edit = { ...address, address_id: made.id, label: "Work", if_match: made.version };
  assert.equal((await call("updateAddress", edit)).label, "Work");
  const stale = await refused(call("updateAddress", edit));
  assert.deepEqual([stale.code, stale.details.code], ["functions/aborted", "ADDRESS_CHANGED"]);
  assert.equal(await call("removeAddress", { address_id: made.id }), null);
});

test("a refusal carries the problem document", async () => {
  const absent = await refused(call("getOrder", { order_id: "ord_absent" }));
  assert.deepEqual([absent.code, absent.details.status], ["functions/not-found", 404]);
  assert.ok(absent.message.startsWith(absent.details.detail));
  const wrong = await refused(call("makeQuote", { ...JSON.parse(WISH), items: [] }));
  assert.deepEqual([wrong.code, wrong.details.errors[0].pointer], ["functions/invalid-argument", "/items"]);
  assert.equal((await refused(call("confirmOrders", {}))).code, "functions/not-found");
});

test("callables of a custom domain are those of the load balancer", async () => {
  const own = getFunctions(app, `${WAYBILL_URL}/callable`);
  assert.equal((await httpsCallable(own, "getProfile")()).data.email, EMAIL);
});

test("a caller who has signed out is unauthenticated", async () => {
  await signOut(auth);
  assert.equal((await refused(call("getProfile"))).code, "functions/unauthenticated");
  await signIn();
});

test("files are closed to the client SDK", async () => {
  const file = ref(storage, `documents/${auth.currentUser.uid}/id.png`);
  assert.equal((await refused(uploadString(file, "x"))).code, "storage/unauthorized");
  assert.equal((await refused(getDownloadURL(file))).code, "storage/unauthorized");
});

async function refused(work) {
  let result;
  try {
    result = await work;
  } catch (error) {
    return error;
  }
  return assert.fail(`not refused: ${JSON.stringify(result)}`);
}

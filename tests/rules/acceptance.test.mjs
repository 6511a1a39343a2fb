// What the customer's and the driver's apps rest on, told as single stories.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import {
  collection,
  collectionGroup,
  doc,
  getDocFromServer,
  getDocsFromServer,
  onSnapshot,
  query,
  setDoc,
  updateDoc,
  where,
} from "firebase/firestore";

import { Server } from "./emulator.mjs";
import { seeds } from "./matrix.mjs";
import { ROLES, sessionOf, signInAll, signOutAll } from "./people.mjs";
import { PROJECT, RULES } from "./setting.mjs";

const project = `${PROJECT}-stories`;
const server = new Server(project);
const ORDER = "orders/ord_1";
let as;

before(async () => {
  await server.useRules(RULES);
  as = await signInAll(project);
});

beforeEach(() => server.seed(seeds()));

after(async () => {
  await signOutAll(as);
  await server.clear();
});

test("a customer reads her own order", async () => {
  const order = await getDocFromServer(doc(as.customer, ORDER));
  assert.equal(order.data().fulfilment, "placed");
});

test("a customer does not read another's order, nor learn whether it exists", async () => {
  await denied(getDocFromServer(doc(as.otherCustomer, ORDER)));
  await denied(getDocFromServer(doc(as.otherCustomer, "orders/ord_absent")));
});

test("a customer lists her own orders and no more", async () => {
  const orders = collection(as.customer, "orders");
  const own = await getDocsFromServer(query(orders, where("customer_id", "==", "customer")));
  assert.deepEqual(own.docs.map(({ id }) => id), ["ord_1", "ord_unassigned"]);
  await denied(getDocsFromServer(orders));
});

test("a driver reads his own offer, another driver does not", async () => {
  const offer = await getDocFromServer(doc(as.driver, "offers/off_1_1"));
  assert.equal(offer.data().state, "open");
  await denied(getDocFromServer(doc(as.otherDriver, "offers/off_1_1")));
});

test("nobody writes an order, the admin included", async () => {
  for (const role of ROLES) {
    await denied(updateDoc(doc(as[role], ORDER), { fulfilment: "delivered" }));
    await denied(setDoc(doc(as[role], `orders/ord_of_${role}`), { customer_id: role }));
  }
});

test("a customer does not make herself an admin", async () => {
  await denied(updateDoc(doc(as.customer, "users/customer"), { roles: ["admin"] }));
  await denied(setDoc(doc(as.customer, "auth/customer"), { roles: ["admin"], second_factor: true }));
});

test("an admin who is demoted reads no more, although the token is still good", async () => {
  await getDocFromServer(doc(as.admin, ORDER));
  await server.update("auth/admin", { roles: ["customer"] });
  await denied(getDocFromServer(doc(as.admin, ORDER)));
});

for (const [what, path, fields] of [
  ["whose account is disabled", "auth/admin", { disabled: true }],
  ["whose sign-ins have ended", "auth/admin", { tokens_valid_after: new Date("2999-01-01") }],
  ["whose second factor was taken away", "auth/admin", { second_factor: false }],
  ["whose session was ended, or has no recent MFA", () => sessionOf("admin"), { recent_mfa_until: null }],
]) {
  test(`an admin ${what} reads no more, although the token is still good`, async () => {
    await getDocFromServer(doc(as.admin, ORDER));
    await server.update(typeof path === "string" ? path : path(), fields);
    await denied(getDocFromServer(doc(as.admin, ORDER)));
  });
}

test("an admin whose sign-ins ended before this one reads on", async () => {
  await server.update("auth/admin", { tokens_valid_after: new Date(Date.now() - 3_600_000), disabled: false });
  await getDocFromServer(doc(as.admin, ORDER));
});

test("an admin's code opens nothing to another session of theirs", async () => {
  const { recent_mfa_until } = seeds()[sessionOf("admin")];
  await server.update(sessionOf("admin"), { recent_mfa_until: null });
  await server.update("users/admin/sessions/ses_other", { recent_mfa_until });
  await denied(getDocFromServer(doc(as.admin, ORDER)));
});

test("a user who is named in a document reads it at the cost of her account, and of no session", async () => {
  const [account, session] = ["isSignedIn(get(/", "get(/databases/$(database)/documents/users/"].map((text) =>
    RULES.indexOf(text),
  );
  await server.useRules(RULES);
  for (const role of ["customer", "staff", "driver"]) await getDocFromServer(doc(as[role], ORDER));
  await getDocFromServer(doc(as.driver, "offers/off_1_1"));
  await getDocFromServer(doc(as.customer, "users/customer"));
  assert.equal(await server.wasEvaluated(account), true);
  assert.equal(await server.wasEvaluated(session), false);
  await getDocFromServer(doc(as.admin, ORDER));
  assert.equal(await server.wasEvaluated(session), true);
});

for (const [what, fields] of [
  ["the account is closed", () => ({ disabled: true })],
  ["all sign-ins end", () => ({ tokens_valid_after: new Date() })],
  ["this sign-in ends", () => ({ revoked_sessions: [sessionOf("customer").split("/")[3]] })],
]) {
  test(`an open listener shows nothing of what happens after ${what}`, async () => {
    const orders = query(collection(as.customer, "orders"), where("customer_id", "==", "customer"));
    const listeners = [doc(as.customer, ORDER), orders].map(listenerOn);
    for (const { first } of listeners) await first;
    await server.update("auth/customer", fields());
    await server.update(ORDER, { fulfilment: "confirmed" });
    for (const { ended } of listeners) assert.equal((await ended).code, "permission-denied");
    for (const { shown } of listeners) assert.deepEqual(shown(), ["placed"]);
  });
}

test("an open listener of the staff shows nothing of what happens after the dismissal", async () => {
  const shop = query(collection(as.staff, "orders"), where("merchant_id", "==", "mer_open"));
  const { first, ended, shown } = listenerOn(shop);
  await first;
  await server.remove("merchants/mer_open/staff/staff");
  await server.update(ORDER, { fulfilment: "confirmed" });
  assert.equal((await ended).code, "permission-denied");
  assert.deepEqual(shown(), ["placed"]);
});

test("a dismissed employee reads no order from that moment, and lists none", async () => {
  const shop = query(collection(as.staff, "orders"), where("merchant_id", "==", "mer_open"));
  assert.equal((await getDocsFromServer(shop)).size, 2);
  await server.remove("merchants/mer_open/staff/staff");
  await denied(getDocFromServer(doc(as.staff, ORDER)));
  await denied(getDocsFromServer(shop));
  assert.equal((await getDocFromServer(doc(as.staff, "merchants/mer_open/staff/staff"))).exists(), false);
});

test("a new employee reads the open orders from that moment, and finds the merchant", async () => {
  const shop = query(collection(as.otherStaff, "orders"), where("merchant_id", "==", "mer_open"));
  await denied(getDocsFromServer(shop));
  const membership = { merchant_id: "mer_open", uid: "otherStaff", role: "staff" };
  await server.update("merchants/mer_open/staff/otherStaff", membership);
  assert.equal((await getDocFromServer(doc(as.otherStaff, ORDER))).data().fulfilment, "placed");
  assert.deepEqual((await getDocsFromServer(shop)).docs.map(({ id }) => id), ["ord_1", "ord_unassigned"]);
  const mine = query(collectionGroup(as.otherStaff, "staff"), where("uid", "==", "otherStaff"));
  const found = (await getDocsFromServer(mine)).docs.map((found) => found.data().merchant_id);
  assert.deepEqual(found.sort(), ["mer_open", "mer_other"]);
});

test("a listener of the staff gets the orders of their merchant as they come", async () => {
  const shop = query(collection(as.staff, "orders"), where("merchant_id", "==", "mer_open"));
  const ids = await new Promise((resolve, reject) => {
    const next = (snapshot) => {
      if (snapshot.docs.length === 3) resolve(stop() ?? snapshot.docs.map(({ id }) => id));
      else server.update("orders/ord_2", { merchant_id: "mer_open", customer_id: "customer" }).catch(reject);
    };
    const stop = onSnapshot(shop, { next, error: reject });
  });
  assert.deepEqual(ids, ["ord_1", "ord_2", "ord_unassigned"]);
});

test("an employee reads an order without a further read of their user document", async () => {
  const lookUp = RULES.indexOf("exists(/databases/$(database)/documents/merchants/");
  await server.useRules(RULES);
  for (const role of ["customer", "driver"]) await getDocFromServer(doc(as[role], ORDER));
  assert.equal(await server.wasEvaluated(lookUp), false, "customers and drivers cost no membership");
  await getDocFromServer(doc(as.staff, ORDER));
  assert.equal(await server.wasEvaluated(lookUp), true);
});

test("a listener gets each status change, in order", async () => {
  const statuses = ["confirmed", "preparing", "ready", "picked_up", "in_transit", "arrived", "delivered"];
  const seen = await followed(as.customer, async (status) => {
    const next = status === "placed" ? statuses[0] : statuses[statuses.indexOf(status) + 1];
    if (next) await server.update(ORDER, { fulfilment: next });
    return next === undefined;
  });
  assert.deepEqual(seen, ["placed", ...statuses]);
});

test("a driver's listener finds an offer that is made while it listens", async () => {
  const mine = query(collection(as.driver, "offers"), where("driver_id", "==", "driver"));
  const added = await new Promise((resolve, reject) => {
    const next = (snapshot) => {
      if (snapshot.docs.length === 2) resolve(stop() ?? snapshot.docs.map(({ id }) => id));
      else server.update("offers/off_2_1", { driver_id: "driver", state: "open" }).catch(reject);
    };
    const stop = onSnapshot(mine, { next, error: reject });
  });
  assert.deepEqual(added, ["off_1_1", "off_2_1"]);
});

test("a stranger's listener is refused", async () => {
  const refused = new Promise((resolve, reject) => {
    const next = () => reject(new Error("it was let in"));
    onSnapshot(doc(as.otherCustomer, ORDER), { next, error: resolve });
  });
  assert.equal((await refused).code, "permission-denied");
});

/** Listen: promises of the first snapshot and of the error that ends it, and the states that it showed. */
function listenerOn(target) {
  const snapshots = [];
  let [arrived, over] = [];
  const first = new Promise((resolve) => (arrived = resolve));
  const ended = new Promise((resolve) => (over = resolve));
  onSnapshot(target, { next: (snapshot) => arrived(snapshots.push(snapshot)), error: over });
  const documents = () => snapshots.flatMap((snapshot) => snapshot.docs ?? [snapshot]);
  const shown = () => [...new Set(documents().map((document) => document.data().fulfilment))];
  return { first, ended, shown };
}

/** Listen to the order until `onStatus` says that it was the last; return the statuses as they came. */
function followed(db, onStatus) {
  const seen = [];
  return new Promise((resolve, reject) => {
    const next = (snapshot) => {
      const status = snapshot.data().fulfilment;
      seen.push(status);
      onStatus(status).then((done) => done && resolve(stop() ?? seen), reject);
    };
    const stop = onSnapshot(doc(db, ORDER), { next, error: reject });
  });
}

async function denied(attempt) {
  await assert.rejects(attempt, { code: "permission-denied" });
}

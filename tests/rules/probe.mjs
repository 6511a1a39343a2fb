// Tries the cells of the matrix and names those that come out otherwise than it says.

import {
  collection,
  collectionGroup,
  deleteDoc,
  doc,
  getDocFromServer,
  getDocsFromServer,
  query,
  setDoc,
  updateDoc,
  where,
} from "firebase/firestore";

import { ROLES, SHUT_OUT } from "./people.mjs";

/** Return one line for each cell of `target` that differs, reads first, then writes. */
export async function surprises(handles, target) {
  const wrong = [
    ...(await differing(handles, target, reads(target))),
    ...(await differing(handles, target, readsOfTheShutOut(target))),
  ];
  // A rule that lets a stranger read is found; writing through it would only spoil the seeds.
  return wrong.length ? wrong : differing(handles, target, writes(target));
}

/** Return the lines of the cells in which a document is got, as its readers and their expired tokens do. */
export async function surprisesOfGets(handles, target) {
  const gets = [...reads(target), ...readsOfTheShutOut(target)].filter(({ name }) => name === "get");
  return differing(handles, target, gets);
}

/** Try to read and to write a target in every way; return a line for whatever was granted. */
export async function everything(db, target) {
  const tried = [...reads(target), ...writes(target)].map(async ({ name, run }) =>
    (await isAllowed(() => run(db, "hostile"))) ? `${target.path} × ${name}` : null,
  );
  return (await Promise.all(tried)).filter((line) => line !== null);
}

async function differing(handles, target, operations) {
  const cells = operations.flatMap((operation) =>
    (operation.roles ?? ROLES).map((role) => cell(handles[role], role, target, operation)),
  );
  return (await Promise.all(cells)).filter((line) => line !== null);
}

async function cell(db, role, target, { name, allowed, run }) {
  const got = await isAllowed(() => run(db, role));
  const expected = allowed.includes(role);
  if (got === expected) return null;
  return `${role} × ${target.path} × ${name}: ${expected ? "denied, may" : "allowed, may not"}`;
}

async function isAllowed(attempt) {
  try {
    await attempt();
    return true;
  } catch (error) {
    if (error.code === "permission-denied") return false;
    if (error.code === "not-found") return true; // the rules let it through; another role deleted it before
    throw error;
  }
}

function reads(target) {
  const name = target.collection.split("/").at(-1);
  const constrained = target.queries.map(constraint);
  const groups = [...constrained.map((query) => ({ ...query, allowed: [] })), ...target.groups.map(constraint)];
  return [
    { name: "get", allowed: target.get, run: (db) => getDocFromServer(doc(db, target.path)) },
    { name: "list", allowed: target.list, run: (db) => getDocsFromServer(collection(db, target.collection)) },
    ...constrained.map(({ filter, label, allowed }) => ({
      name: `list where ${label}`,
      allowed,
      run: (db) => getDocsFromServer(query(collection(db, target.collection), filter)),
    })),
    { name: "collection group", allowed: [], run: (db) => getDocsFromServer(collectionGroup(db, name)) },
    ...groups.map(({ filter, label, allowed }) => ({
      name: `collection group where ${label}`,
      allowed,
      run: (db) => getDocsFromServer(query(collectionGroup(db, name), filter)),
    })),
  ];
}

/** Whoever may read loses it with the time of the token; and nobody who is shut out gets a document. */
function readsOfTheShutOut(target) {
  const stale = reads(target)
    .filter(({ allowed }) => allowed.length)
    .map((read) => ({ ...read, roles: read.allowed.map((role) => `${role}:expired`), allowed: [] }));
  return [...stale, { ...reads(target)[0], roles: SHUT_OUT, allowed: [] }];
}

function constraint([field, operator, value, allowed]) {
  return { filter: where(field, operator, value), label: `${field} ${operator} ${value}`, allowed };
}

function writes(target) {
  const data = target.data ?? { value: 1 };
  return [
    { name: "create", run: (db, role) => setDoc(doc(db, `${target.collection}/new_${role}`), data) },
    { name: "update", run: (db) => updateDoc(doc(db, target.path), { roles: ["admin"] }) },
    { name: "delete", run: (db) => deleteDoc(doc(db, target.path)) },
  ].map((operation) => ({ ...operation, allowed: [] }));
}

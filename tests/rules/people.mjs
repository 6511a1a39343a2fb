// The roles of the matrix: one real account each, signed in through the Auth emulator.

import { createHash } from "node:crypto";

import { initializeApp } from "firebase/app";
import { connectAuthEmulator, getAuth, signInWithEmailAndPassword } from "firebase/auth";
import { connectFirestoreEmulator, getFirestore, setLogLevel, terminate } from "firebase/firestore";

import { AUTH, FIRESTORE, ensureAccount } from "./emulator.mjs";

setLogLevel("silent"); // each denied listen is an error line otherwise

const PASSWORD = "correct horse battery";

export const ROLES = [
  "anonymous",
  "customer",
  "otherCustomer", // carries an admin claim, which must count for nothing
  "staff",
  "otherStaff",
  "driver",
  "otherDriver",
  "admin",
  "hastyAdmin", // has not shown a code of the second factor in this session
];

const CLAIMS = { otherCustomer: { admin: true, roles: ["admin"] } };

const signedInAt = new Map(); // the second of each role's sign-in; all of one run see the last

/** The uid under which a role signs in; in the seeds it is the role's own name. */
export const uidOf = (role) => role;

/** Sign every role in and return its Firestore handle by name, all on one project. */
export async function signInAll(project) {
  const handles = await Promise.all(ROLES.map((role) => signIn(project, role)));
  return Object.fromEntries(ROLES.map((role, i) => [role, handles[i]]));
}

/** The path of the session in which a role is here, named as the API names it. */
export function sessionOf(role) {
  const named = [uidOf(role), String(signedInAt.get(role))].map((part) => `${part.length}:${part}`);
  const hash = createHash("sha256").update(named.join("")).digest("hex");
  return `users/${uidOf(role)}/sessions/ses_${hash.slice(0, 32)}`;
}

/** End the handles' connections, so that the process can end. */
export async function signOutAll(handles) {
  await Promise.all(Object.values(handles).map((db) => terminate(db)));
}

async function signIn(project, role) {
  const app = initializeApp({ projectId: project, apiKey: "local" }, `${project}/${role}`);
  const db = getFirestore(app);
  const [host, port] = FIRESTORE.split(":");
  connectFirestoreEmulator(db, host, Number(port));
  if (role === "anonymous") return db;
  const email = `rules-${role.toLowerCase()}@people.example`;
  await ensureAccount(uidOf(role), email, PASSWORD, CLAIMS[role] ?? {});
  const auth = getAuth(app);
  connectAuthEmulator(auth, `http://${AUTH}`, { disableWarnings: true });
  const { user } = await signInWithEmailAndPassword(auth, email, PASSWORD);
  signedInAt.set(role, Number((await user.getIdTokenResult()).claims.auth_time));
  return db;
}

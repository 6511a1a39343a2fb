// The roles of the matrix: one real account each, signed in through the Auth emulator; and those who are shut
// out, with tokens that are written here.

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
  "otherCustomer", // carries an admin claim, which must count for nothing, and has shown a code
  "staff",
  "otherStaff",
  "driver",
  "otherDriver", // is an admin who showed a code of a second factor that was taken away since
  "admin",
  "hastyAdmin", // has not shown a code of the second factor in this session
  "unknown", // has no document whatsoever
];

/** Why a person who holds a token is shut out; in the seeds each has an account that says so. */
export const SHUT_OUT = ["closed", "ended", "revoked", "expired"];

const CLAIMS = { otherCustomer: { admin: true, roles: ["admin"] } };

/** When those signed in who have no account with the emulator (Unix time), ten minutes before now. */
const AUTH_TIME = Math.floor(Date.now() / 1000) - 600;

let apps = 0;
const signedInAt = new Map(); // the second of each role's sign-in; all of one run see the last

/** A token as the Auth emulator issues it: unsigned. Claims in `changed` replace the usual ones. */
export function tokenOf(project, uid, changed = {}) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: `https://securetoken.google.com/${project}`,
    aud: project,
    sub: uid,
    user_id: uid,
    iat: now,
    exp: now + 3600,
    auth_time: signedInAt.get(uid) ?? AUTH_TIME,
    firebase: { sign_in_provider: "password", identities: {} },
    ...changed,
  };
  const [header, body] = [{ alg: "none", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${header}.${body}.`;
}

/** The same, after its time. */
export const expiredTokenOf = (project, uid) => tokenOf(project, uid, { exp: AUTH_TIME });

/** A Firestore handle whose every request carries this token. */
export function withToken(project, token) {
  const db = getFirestore(initializeApp({ projectId: project, apiKey: "local" }, `${project}/${apps++}`));
  const [host, port] = FIRESTORE.split(":");
  connectFirestoreEmulator(db, host, Number(port), { mockUserToken: token });
  return db;
}

/** The handles of those who are shut out, and of an expired token of every role. */
export function shutOut(project) {
  const people = SHUT_OUT.map((why) => [
    why,
    withToken(project, why === "expired" ? expiredTokenOf(project, why) : tokenOf(project, why)),
  ]);
  const roles = ROLES.filter((role) => role !== "anonymous");
  const stale = roles.map((role) => [`${role}:expired`, withToken(project, expiredTokenOf(project, role))]);
  return Object.fromEntries([...people, ...stale]);
}

/** The uid under which a role signs in; in the seeds it is the role's own name. */
export const uidOf = (role) => role;

/** Sign every role in and return its Firestore handle by name, all on one project. */
export async function signInAll(project) {
  const handles = await Promise.all(ROLES.map((role) => signIn(project, role)));
  return Object.fromEntries(ROLES.map((role, i) => [role, handles[i]]));
}

/** The path of the session in which a role is here, named as the API names it. */
export function sessionOf(role) {
  const named = [uidOf(role), String(signedInAt.get(role) ?? AUTH_TIME)].map((part) => `${part.length}:${part}`);
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

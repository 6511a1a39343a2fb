// A side process of a Python program: Firestore listeners of the real client SDK.
//
// One JSON object per line on standard input and on standard output:
//   {"op":"sign_in","person":P,"email":E,"password":W}            -> {"event":"signed_in","person":P,"uid":U}
//   {"op":"watch","watch":N,"person":P,"collection":C,"where":[[field,operator,value],…]}
//                                                                 -> {"event":"snapshot","watch":N,"changes":[…]}
//   {"op":"unwatch","watch":N}
//   {"op":"close","person":P}
// A change is {"type":"added"|"modified"|"removed","id":ID,"data":{…}}. A failure is
// {"event":"error","person":P,"watch":N,"code":…,"message":…}; a failed watch ends.
// The end of standard input ends the process, so that it ends with the program that started it.

import { createInterface } from "node:readline";
import { deleteApp, initializeApp } from "firebase/app";
import { connectAuthEmulator, getAuth, signInWithEmailAndPassword } from "firebase/auth";
import {
  collection,
  connectFirestoreEmulator,
  DocumentReference,
  GeoPoint,
  getFirestore,
  onSnapshot,
  query,
  setLogLevel,
  Timestamp,
  where,
} from "firebase/firestore";

const project = process.env.GOOGLE_CLOUD_PROJECT;
const authUrl = `http://${process.env.FIREBASE_AUTH_EMULATOR_HOST}`;
const [firestoreHost, firestorePort] = process.env.FIRESTORE_EMULATOR_HOST.split(":");

const people = new Map(); // person -> { app, auth, db, watches: Set<name> }
const watches = new Map(); // watch -> unsubscribe

const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

function sendError(context, error) {
  send({ event: "error", ...context, code: error.code ?? error.name, message: error.message });
}

function open(person) {
  const app = initializeApp({ apiKey: "demo", projectId: project }, person);
  const auth = getAuth(app);
  connectAuthEmulator(auth, authUrl, { disableWarnings: true });
  const db = getFirestore(app);
  connectFirestoreEmulator(db, firestoreHost, Number(firestorePort));
  const session = { app, auth, db, watches: new Set() };
  people.set(person, session);
  return session;
}

async function signIn({ person, email, password }) {
  const { auth } = people.get(person) ?? open(person);
  const { user } = await signInWithEmailAndPassword(auth, email, password);
  send({ event: "signed_in", person, uid: user.uid });
}

function watch({ watch: name, person, collection: path, where: conditions = [] }) {
  const session = people.get(person);
  if (!session) throw new Error(`${person} has not signed in`);
  const failed = (error) => {
    unsubscribe(name);
    sendError({ person, watch: name }, error);
  };
  const filtered = query(collection(session.db, path), ...conditions.map((condition) => where(...condition)));
  const stop = onSnapshot(filtered, (found) => send(snapshotEvent(name, found)), failed);
  watches.set(name, stop);
  session.watches.add(name);
}

function snapshotEvent(name, found) {
  const changes = found
    .docChanges()
    .map((change) => ({ type: change.type, id: change.doc.id, data: plain(change.doc.data()) }));
  return { event: "snapshot", watch: name, changes };
}

function unsubscribe(name) {
  watches.get(name)?.();
  watches.delete(name);
  for (const session of people.values()) session.watches.delete(name);
}

async function close({ person }) {
  const session = people.get(person);
  if (!session) return;
  people.delete(person);
  for (const name of session.watches) unsubscribe(name);
  await deleteApp(session.app);
}

// Times become ISO 8601 with microseconds; dates of JavaScript have milliseconds only.
function plain(value) {
  if (value instanceof Timestamp) {
    const micros = String(Math.floor(value.nanoseconds / 1000)).padStart(6, "0");
    return `${new Date(value.seconds * 1000).toISOString().slice(0, 19)}.${micros}+00:00`;
  }
  if (value instanceof GeoPoint) return { lat: value.latitude, lng: value.longitude };
  if (value instanceof DocumentReference) return value.path;
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

const operations = { sign_in: signIn, watch, unwatch: ({ watch: name }) => unsubscribe(name), close };

async function handle(line) {
  const request = JSON.parse(line);
  try {
    await operations[request.op](request);
  } catch (error) {
    sendError({ person: request.person, watch: request.watch }, error);
  }
}

setLogLevel("error");
createInterface({ input: process.stdin })
  .on("line", handle)
  .on("close", () => process.exit(0));
send({ event: "ready" });

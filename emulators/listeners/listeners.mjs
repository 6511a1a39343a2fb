// The side-car of the simulated people: Firestore listeners of the real client SDK, for a Python program.
//
// One JSON object a line on standard input, one a line on standard output:
//   {"op":"sign_in","person":P,"email":E,"password":W}            -> {"event":"signed_in","person":P,"uid":U}
//   {"op":"watch","watch":N,"person":P,"collection":C,"where":[[field,operator,value],…]}
//                                                                 -> {"event":"snapshot","watch":N,"changes":[…]}
//   {"op":"unwatch","watch":N}
//   {"op":"close","person":P}
// A change is {"type":"added"|"modified"|"removed","id":ID,"data":{…}}. What fails is told as
// {"event":"error","person":P,"watch":N,"code":…,"message":…}; a watch that failed is over.
// The end of standard input ends the process, so that it never outlives the program that started it.

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

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

function complain(of, error) {
  say({ event: "error", ...of, code: error.code ?? error.name, message: error.message });
}

function open(person) {
  const app = initializeApp({ apiKey: "demo", projectId: project }, person);
  const auth = getAuth(app);
  connectAuthEmulator(auth, authUrl, { disableWarnings: true });
  const db = getFirestore(app);
  connectFirestoreEmulator(db, firestoreHost, Number(firestorePort));
  const opened = { app, auth, db, watches: new Set() };
  people.set(person, opened);
  return opened;
}

async function signIn({ person, email, password }) {
  const { auth } = people.get(person) ?? open(person);
  const { user } = await signInWithEmailAndPassword(auth, email, password);
  say({ event: "signed_in", person, uid: user.uid });
}

function watch({ watch: name, person, collection: path, where: conditions = [] }) {
  const holder = people.get(person);
  if (!holder) throw new Error(`${person} has not signed in`);
  const failed = (error) => {
    forget(name);
    complain({ person, watch: name }, error);
  };
  const wanted = query(collection(holder.db, path), ...conditions.map((condition) => where(...condition)));
  const stop = onSnapshot(wanted, (found) => say(news(name, found)), failed);
  watches.set(name, stop);
  holder.watches.add(name);
}

function news(name, found) {
  const changes = found
    .docChanges()
    .map((change) => ({ type: change.type, id: change.doc.id, data: plain(change.doc.data()) }));
  return { event: "snapshot", watch: name, changes };
}

function forget(name) {
  watches.get(name)?.();
  watches.delete(name);
  for (const holder of people.values()) holder.watches.delete(name);
}

async function close({ person }) {
  const holder = people.get(person);
  if (!holder) return;
  people.delete(person);
  for (const name of holder.watches) forget(name);
  await deleteApp(holder.app);
}

// Times become ISO 8601 with microseconds, which JavaScript's own dates would cut to milliseconds.
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

const operations = { sign_in: signIn, watch, unwatch: ({ watch: name }) => forget(name), close };

async function obey(line) {
  const request = JSON.parse(line);
  try {
    await operations[request.op](request);
  } catch (error) {
    complain({ person: request.person, watch: request.watch }, error);
  }
}

setLogLevel("error");
createInterface({ input: process.stdin })
  .on("line", obey)
  .on("close", () => process.exit(0));
say({ event: "ready" });

// The matrix of role × document × operation, against firestore.rules as they stand.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Server } from "./emulator.mjs";
import { TARGETS, seeds } from "./matrix.mjs";
import { shutOut, signInAll, signOutAll } from "./people.mjs";
import { surprises } from "./probe.mjs";
import { PROJECT, RULES } from "./setting.mjs";

const project = `${PROJECT}-matrix`;
const server = new Server(project);
let handles;

before(async () => {
  await server.useRules(RULES);
  handles = await signInAll(project);
  handles = { ...handles, ...shutOut(project) };
  await server.seed(seeds());
});

after(async () => {
  await signOutAll(handles);
  await server.clear();
});

for (const target of TARGETS) {
  test(`${target.path} is read by whom the table names, and written by nobody`, async () => {
    assert.deepEqual(await surprises(handles, target), []);
  });
}

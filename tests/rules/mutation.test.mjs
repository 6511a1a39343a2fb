// The matrix is sharp: whatever single condition of the rules is changed, a cell of it differs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Server } from "./emulator.mjs";
import { TARGETS, seeds } from "./matrix.mjs";
import { mutantsOf } from "./mutants.mjs";
import { shutOut, signInAll, signOutAll } from "./people.mjs";
import { surprises, surprisesOfGets } from "./probe.mjs";
import { PROJECT, RULES } from "./setting.mjs";

const project = `${PROJECT}-mutants`;
const server = new Server(project);
const mutants = mutantsOf(RULES);
let handles;

before(async () => {
  handles = await signInAll(project);
  handles = { ...handles, ...shutOut(project) };
});

after(async () => {
  await signOutAll(handles);
  await server.clear();
});

test("there are mutants of every condition", () => {
  const conditions = RULES.match(/allow |return /g).length;
  assert.ok(mutants.length > 2 * conditions, `${mutants.length} mutants of ${conditions} conditions`);
});

for (const mutant of mutants) {
  test(`noticed: ${mutant.name}`, async () => {
    await server.useRules(mutant.content);
    await server.seed(seeds()); // the mutant before this one may have let writes through
    assert.ok(await isNoticed(mutant), "every cell of the matrix comes out as with the true rules");
  });
}

/** Most mutants show when documents are got one by one, the nearest first; the others in some other cell. */
async function isNoticed({ near }) {
  const nearFirst = TARGETS.toSorted((a, b) => isNear(b, near) - isNear(a, near));
  for (const look of [surprisesOfGets, surprises]) {
    for (const target of nearFirst) {
      if (look === surprisesOfGets && near !== "databases" && !isNear(target, near)) continue;
      if ((await look(handles, target)).length) return true;
    }
  }
  return false;
}

function isNear(target, near) {
  return Number(target.collection.split("/").includes(near));
}

// The hostile client's walk: whoever is shut out tries everything on every collection that the rules name.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { terminate } from "firebase/firestore";

import { Server } from "./emulator.mjs";
import { TARGETS, seeds } from "./matrix.mjs";
import { expiredTokenOf, sessionOf, tokenOf, withToken } from "./people.mjs";
import { everything } from "./probe.mjs";
import { PROJECT, RULES } from "./setting.mjs";

const project = `${PROJECT}-hostile`;
const server = new Server(project);

/** Whose token is tried: each reads something as long as they are not shut out. */
const PEOPLE = ["customer", "staff", "driver", "admin"];

/** Open to everyone who is signed in, also to a person of whom there is no document. */
const CATALOGUE = ["merchants/mer_open", "merchants/mer_open/menu/2"];

const WAYS = {
  "whose token has expired": { token: (uid) => expiredTokenOf(project, uid) },
  "who has ended all sign-ins": { account: () => ({ tokens_valid_after: new Date() }) },
  "whose sign-in was ended": { account: (uid) => ({ revoked_sessions: [sessionOf(uid).split("/")[3]] }) },
  "whose account is closed": { account: () => ({ disabled: true }) },
  "whose account is closed, and who has no other document": {
    account: () => ({ disabled: true }),
    uid: () => "stranger",
  },
};

before(() => server.useRules(RULES));
after(() => server.clear());

test("the walk comes to every collection that the rules name", () => {
  const paths = matchPaths(RULES);
  assert.ok(paths.length > 15, `${paths.length} match paths`);
  const unseen = paths.filter((path) => !TARGETS.some((target) => covers(path, target.path)));
  assert.deepEqual(unseen, []);
});

for (const uid of PEOPLE) {
  for (const [what, way] of Object.entries(WAYS)) {
    test(`a ${uid} ${what} reads nothing and moves nothing`, async () => {
      const who = way.uid?.() ?? uid;
      await server.seed(seeds());
      if (way.account) await server.update(`auth/${who}`, { uid: who, ...way.account(who) });
      assert.deepEqual(await granted(way.token?.(who) ?? tokenOf(project, who), TARGETS), []);
    });
  }

  test(`a ${uid} who is not shut out reads something: the walk would notice`, async () => {
    await server.seed(seeds());
    assert.notDeepEqual(await granted(tokenOf(project, uid), TARGETS.slice(0, 20)), []);
  });
}

test("a dismissed member of the staff reads nothing of the merchant", async () => {
  await server.seed(seeds());
  for (const shop of ["mer_open", "mer_new"]) await server.remove(`merchants/${shop}/staff/staff`);
  const own = ["users/staff", "merchants/mer_open/staff/staff", "merchants/mer_new/staff/staff"];
  const read = await granted(tokenOf(project, "staff"), TARGETS);
  assert.deepEqual(read.filter((line) => !isOpen(line, own)), []);
});

test("a person without any document reads the open catalogue, and nothing that is a person's", async () => {
  await server.seed(seeds());
  const read = await granted(tokenOf(project, "nobody"), TARGETS);
  assert.deepEqual(read.filter((line) => !isOpen(line, [])), []);
  assert.ok(read.length > 0);
});

test("a token of another project, or one without a person, opens nothing", async () => {
  await server.seed(seeds());
  for (const changed of [{ sub: "", user_id: "" }, { auth_time: 0 }]) {
    await server.update("auth/customer", { uid: "customer", tokens_valid_after: new Date(1000) });
    assert.deepEqual(await granted(tokenOf(project, "customer", changed), TARGETS), []);
  }
});

/** Try everything with a token; return what was granted, and make sure that nothing has changed. */
async function granted(token, targets) {
  const db = withToken(project, token);
  const paths = targets.filter(({ data }) => data).map(({ path }) => path);
  const stored = await Promise.all(paths.map((path) => server.read(path)));
  const lines = (await Promise.all(targets.map((target) => everything(db, target)))).flat();
  await terminate(db);
  assert.deepEqual(await Promise.all(paths.map((path) => server.read(path))), stored, "nothing has changed");
  return lines;
}

/** The open catalogue, by get or by a query that asks for it; and what a person has, or no longer has. */
function isOpen(line, own) {
  const [path, operation] = line.split(" × ");
  if (own.includes(path) && operation === "collection group where uid == staff") return true;
  const browses = path === "merchants/mer_open" && operation === "list where approved == true";
  return browses || ([...CATALOGUE, ...own].includes(path) && operation === "get");
}

/** The full paths of all match blocks, as regular expressions over document paths. */
function matchPaths(rules) {
  const found = [];
  const open = [];
  for (const line of rules.split("\n").map((text) => text.replace(/\/\/.*$/, ""))) {
    const match = /match (\/\S+) \{/.exec(line)?.[1];
    if (match) {
      open.push(match);
      const path = open.join("").replace("/databases/{database}/documents", "");
      if (path) found.push(path);
    } else {
      open.push(...Array(line.split("{").length - line.split("}").length > 0 ? 1 : 0).fill(""));
    }
    if (/^\s*\}/.test(line)) open.pop();
  }
  return found;
}

function covers(pattern, path) {
  const source = pattern.replace(/\{\w+=\*\*\}/g, ".+").replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${source}$`).test(`/${path}`);
}

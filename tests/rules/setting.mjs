// What every script here is run with.

import { readFileSync } from "node:fs";

/** Projects of the emulator begin with this: a run disturbs neither the stack's nor another run's. */
export const PROJECT = process.env.RULES_PROJECT ?? `demo-rules-${process.pid}`;

/** The rules under test. */
export const RULES = readFileSync(new URL("../../firestore.rules", import.meta.url), "utf8");

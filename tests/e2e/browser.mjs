// Opens a page in Chromium and reports what it shows, one JSON object a line:
//   {"state": TEXT}      each text that #state has, the first one included
//   {"error": TEXT}      an error of the page or its console
//   {"outside": URL}     a request to another machine, which is not sent
//
// node browser.mjs URL, with CHROMIUM, the path of the program, in the environment. The SDK comes from its
// package, under the address of its CDN. It ends with its standard input.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { chromium } from "playwright-core";

const CDN = /^https:\/\/www\.gstatic\.com\/firebasejs\/[\d.]+\/(firebase-[a-z-]+\.js)$/;
const sdk = dirname(createRequire(import.meta.url).resolve("firebase/package.json"));
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
process.stdin.on("end", () => browser.close().then(() => process.exit(0))).resume();

const page = await browser.newPage();
page.on("pageerror", (error) => say({ error: error.message }));
page.on("console", (message) => message.type() === "error" && say({ error: message.text() }));
await page.route("**/*", (route) => {
  const url = new URL(route.request().url());
  const [, file] = CDN.exec(url.href) ?? [];
  if (file) return route.fulfill({ contentType: "text/javascript", headers: { "Access-Control-Allow-Origin": "*" }, body: readFileSync(join(sdk, file)) });
  if (["127.0.0.1", "localhost"].includes(url.hostname)) return route.continue();
  say({ outside: url.href });
  return route.abort();
});
await page.exposeFunction("say", say);
await page.addInitScript(() => {
  document.addEventListener("DOMContentLoaded", () => {
    const state = document.getElementById("state");
    const report = () => window.say({ state: state.textContent });
    new MutationObserver(report).observe(state, { childList: true, characterData: true, subtree: true });
    report();
  });
});
await page.goto(process.argv[2]);

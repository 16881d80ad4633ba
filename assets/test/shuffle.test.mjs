// Rows that come, change and go in any order: a page that was there all the time shows what a new one shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { answered, push, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

/** How many scripts are tried, and the first of them: `SHUFFLES=100 SHUFFLE=7` tries more, or one again. */
const COUNT = Number(process.env.SHUFFLES ?? 6);
const FIRST = Number(process.env.SHUFFLE ?? 1);
const STEPS = 8;

/** The same numbers for the same seed. */
function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { below, pick: (choices) => choices[below(choices.length)] };
}

const KINDS = ["text", "component", "nested", "both"];

function script({ below, pick }) {
  let texts = 0;
  const id = () => 1 + below(6);
  const row = () => ({ id: id(), kind: pick(KINDS), text: (texts += 1) });
  const change = () => {
    const kind = pick(["append", "append", "insert_at", "update", "update", "delete", "delete", "reset"]);
    if (kind === "insert_at") return { insert_at: [below(4), row()] };
    if (kind === "delete") return { delete: id() };
    if (kind !== "reset") return { [kind]: row() };
    const rows = Array.from({ length: below(6) }, row);
    return { reset: rows.filter(({ id }, index) => rows.findIndex((other) => other.id === id) === index) };
  };
  const acts = () => Array.from({ length: 1 + below(3) }, change);
  const step = () => {
    const kind = pick(["change", "change", "change", "burst", "burst", "click", "click", "reconnect"]);
    if (kind === "change") return { change: [acts()] };
    if (kind === "burst") return { change: Array.from({ length: 2 + below(3) }, acts) };
    if (kind === "click") return { click: below(100) };
    return { reconnect: true };
  };
  return Array.from({ length: STEPS }, step);
}

/** The rows in their order, and what they show. */
const shown = (page) =>
  page.evaluate(() => [...document.querySelectorAll("#rows > li")].map((row) => `${row.id}: ${row.textContent}`));

async function take(page, step) {
  if (step.change) {
    for (const acts of step.change) await push(page, "change", { acts });
    await answered(page);
  } else if (step.reconnect) {
    await reconnect(page);
  } else {
    await page.evaluate((index) => {
      const buttons = document.querySelectorAll("#rows button");
      buttons[index % buttons.length]?.click();
    }, step.click);
    await answered(page);
  }
}

/** Waits until both pages show the same, as they do once all is answered. What a new page shows. */
async function agreed(page, fresh) {
  let expected;
  for (let attempt = 0; attempt < 400; attempt += 1) {
    await fresh.reload();
    expected = await shown(fresh);
    if (isDeepStrictEqual(await shown(page), expected)) break;
  }
  return expected;
}

for (let seed = FIRST; seed < FIRST + COUNT; seed += 1) {
  test(`whatever happens to rows, a page shows them as a new one does (${seed})`, async () => {
    const numbers = random(seed);
    const path = `/shuffle/${seed}-${process.pid}/${numbers.pick([0, 3, 4, -3, -4])}/${numbers.pick([true, false])}`;
    const page = await app.openLive(path);
    const fresh = await app.open(path, { javaScriptEnabled: false });
    const done = [];
    for (const step of script(numbers)) {
      done.push(step);
      await take(page, step);
      const expected = await agreed(page, fresh);
      assert.deepEqual(await shown(page), expected, `${path} ${JSON.stringify(done)}`);
    }
  });
}

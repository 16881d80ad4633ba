// Live components on the page: their events, their moves, their end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, childIds, hasText, mark, marked, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

const rows = (keys) => [...keys].map((key) => `row-${key}`);

async function arrange(page, keys) {
  await act(page, "arrange", { keys });
  assert.deepEqual(await childIds(page, "#counters"), rows(keys));
}

/** Clicks the counter of `key` and waits until it shows `count`. */
async function click(page, key, count) {
  await page.click(`#click-${key}`);
  await hasText(page, `#counter-${key} output`, String(count));
}

test("an event hits its own component", async () => {
  const page = await app.openLive("/components");
  await click(page, "b", 1);
  await click(page, "b", 2);
  await click(page, "c", 1);
  await hasText(page, "#counter-a output", "0");
});

test("a component that moves keeps its state, its elements and what was typed into it", async () => {
  const page = await app.openLive("/components");
  await click(page, "a", 1);
  await page.fill("#note-a", "mine");
  await mark(page, "#counters section");
  await arrange(page, "cbda");
  await hasText(page, "#counter-a output", "1");
  assert.deepEqual(await marked(page, "#counters section"), [
    "counter-c",
    "counter-b",
    "counter-a",
  ]);
  assert.equal(await page.inputValue("#note-a"), "mine");
  await click(page, "a", 2);
  await click(page, "d", 1);
});

test("a component that left the page comes back as a new one", async () => {
  const page = await app.openLive("/components");
  const frames = [];
  await page.evaluate(() => (window.told = []));
  await page.evaluate(() => {
    const { socket } = window.liveSocket;
    socket.logger = (kind, message) => window.told.push(`${kind} ${message}`);
  });
  await click(page, "b", 1);
  await mark(page, "#counters section");
  await arrange(page, "ac");
  await page.waitForFunction(() => window.told.some((line) => / cids_destroyed/.test(line)));
  frames.push(...(await page.evaluate(() => window.told)));
  const first = (pattern) => frames.findIndex((line) => pattern.test(line));
  assert.ok(first(/ cids_will_destroy/) < first(/ cids_destroyed/), frames.join("\n"));
  await arrange(page, "abc");
  await hasText(page, "#counter-b output", "0");
  assert.deepEqual(await marked(page, "#counters section"), ["counter-a", "counter-c"]);
  await click(page, "b", 1);
  await click(page, "a", 1);
});

test("a component that is back before it was dropped keeps its state", async () => {
  const page = await app.openLive("/components");
  await click(page, "b", 1);
  await page.evaluate(() => {
    const actor = document.querySelector("#actor");
    const arrange = (keys) => ["push", { event: "arrange", value: { keys } }];
    const commands = JSON.stringify([arrange("ac"), arrange("abc")]);
    window.liveSocket.execJS(actor, commands, "click");
  });
  await page.waitForFunction(() => !document.querySelector("#actor[data-phx-ref-src]"));
  assert.deepEqual(await childIds(page, "#counters"), rows("abc"));
  const count = await page.textContent("#counter-b output");
  await click(page, "b", Number(count) + 1);
});

test("components keep their state through a lost connection", async () => {
  const page = await app.openLive("/components");
  await click(page, "c", 1);
  await reconnect(page);
  await hasText(page, "#counter-c output", "1");
  await click(page, "c", 2);
  await arrange(page, "ca");
});

// Live components on the page: their events, their moves, their end.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  act,
  answered,
  childIds,
  hasText,
  mark,
  marked,
  reconnect,
  startPages,
} from "./support/app.mjs";

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

test("a component within a component is one of its own", async () => {
  const page = await app.openLive("/components");
  await page.click("#star-b");
  await hasText(page, "#star-b", "on");
  await click(page, "b", 1);
  await arrange(page, "bca");
  await hasText(page, "#star-b", "on");
  await hasText(page, "#star-a", "off");
});

test("a component that left the page comes back as a new one", async () => {
  const page = await app.openLive("/components");
  await page.evaluate(() => {
    window.sent = [];
    window.liveSocket.socket.logger = (kind, message) => {
      if (kind === "push") window.sent.push(message.match(/ (cids_\w+) /)?.[1] ?? "");
    };
  });
  await click(page, "b", 1);
  await page.click("#star-b");
  await hasText(page, "#star-b", "on");
  await mark(page, "#counters section");
  await arrange(page, "ac");
  await page.waitForFunction(() => window.sent.includes("cids_destroyed"));
  const sent = await page.evaluate(() => window.sent.filter((event) => event));
  assert.deepEqual(sent, ["cids_will_destroy", "cids_destroyed"]);
  await arrange(page, "abc");
  await hasText(page, "#counter-b output", "0");
  await hasText(page, "#star-b", "off");
  assert.deepEqual(await marked(page, "#counters section"), ["counter-a", "counter-c"]);
  await click(page, "b", 1);
  await click(page, "a", 1);
});

test("a component that is back before the browser has dropped it keeps its state", async () => {
  const page = await app.openLive("/components");
  await click(page, "b", 1);
  await page.evaluate(() => {
    const arrange = (keys) => ["push", { event: "arrange", value: { keys } }];
    const commands = JSON.stringify([arrange("ac"), arrange("abc")]);
    window.liveSocket.execJS(document.querySelector("#actor"), commands, "click");
  });
  await answered(page);
  assert.deepEqual(await childIds(page, "#counters"), rows("abc"));
  await hasText(page, "#counter-b output", "1");
  await click(page, "b", 2);
});

test("components keep their state through a lost connection", async () => {
  const page = await app.openLive("/components");
  await click(page, "c", 1);
  await reconnect(page);
  await hasText(page, "#counter-c output", "1");
  await click(page, "c", 2);
  await arrange(page, "ca");
});

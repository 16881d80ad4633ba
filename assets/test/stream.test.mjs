// Streams: lists that only the browser holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, childIds, hasText, mark, marked, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

const ids = (keys) => [...keys].map((key) => `items-${key}`);

async function shows(page, keys, message) {
  assert.deepEqual(await childIds(page, "#items"), ids(keys), message);
}

test("what was in the page is there after the join", async () => {
  const plain = await app.open("/stream/0", { javaScriptEnabled: false });
  await shows(plain, "abc");
  const page = await app.openLive("/stream/0");
  await shows(page, "abc");
  assert.equal(await page.textContent("#items-b"), "item b");
});

test("items go in at the end, at the start and between, and others stay the same elements", async () => {
  const page = await app.openLive("/stream/0");
  await mark(page, "#items > li");
  await page.fill("#items-b input", "typed");
  for (const [event, value, keys] of [
    ["append", { keys: "de" }, "abcde"],
    ["prepend", { keys: "xy" }, "yxabcde"],
    ["insert_at", { index: 2, key: "m" }, "yxmabcde"],
    ["insert_at", { index: 0, key: "n" }, "nyxmabcde"],
    ["insert_at", { index: 99, key: "o" }, "nyxmabcdeo"],
  ]) {
    await act(page, event, value);
    await shows(page, keys, `${event} ${JSON.stringify(value)}`);
  }
  assert.deepEqual(await marked(page, "#items > li"), ids("abc"));
  assert.equal(await page.inputValue("#items-b input"), "typed");
});

test("an item that is there is changed in its place", async () => {
  const page = await app.openLive("/stream/0");
  await mark(page, "#items > li");
  await act(page, "put", { key: "a", text: "put <again>" });
  await act(page, "update", { key: "b", text: "updated" });
  await shows(page, "abc");
  assert.equal(await page.textContent("#items-a"), "put <again>");
  assert.equal(await page.textContent("#items-b"), "updated");
  assert.deepEqual(await marked(page, "#items > li"), ids("abc"));
});

test("an update of an item that is not there shows nothing", async () => {
  const page = await app.openLive("/stream/0");
  await act(page, "update", { key: "z", text: "nowhere" });
  await hasText(page, "#acts", "1");
  await shows(page, "abc");
});

test("items are taken out", async () => {
  const page = await app.openLive("/stream/0");
  await act(page, "delete", { keys: "b" });
  await shows(page, "ac");
  await act(page, "delete", { keys: "acz" });
  await shows(page, "");
  await act(page, "append", { keys: "q" });
  await shows(page, "q");
});

test("an item moves by going out and in", async () => {
  const page = await app.openLive("/stream/0");
  await act(page, "to_the_top", { key: "c" });
  await shows(page, "cab");
});

test("a reset leaves what is put in, in that order, and keeps elements that come back", async () => {
  const page = await app.openLive("/stream/0");
  await mark(page, "#items > li");
  await act(page, "reset", { keys: "cxa" });
  await shows(page, "cxa");
  assert.deepEqual(await marked(page, "#items > li"), ids("ca"));
  await act(page, "reset", { keys: "" });
  await shows(page, "");
  await act(page, "reset", { keys: "k" });
  await shows(page, "k");
});

test("a limit keeps the last items", async () => {
  const page = await app.openLive("/stream/-4");
  await act(page, "append", { keys: "d" });
  await shows(page, "abcd");
  await act(page, "append", { keys: "ef" });
  await shows(page, "cdef");
});

test("a limit keeps the first items", async () => {
  const page = await app.openLive("/stream/4");
  await act(page, "prepend", { keys: "xyz" });
  await shows(page, "zyxa");
});

test("an item that the limit takes away comes back in the same message", async () => {
  for (const [limit, event, keys, shown] of [
    [-3, "append", "da", "cda"],
    [-3, "append", "dea", "dea"],
    [-3, "append", "dadefb", "efb"],
    [-3, "append", "defgd", "fgd"],
    [3, "prepend", "dc", "cda"],
    [3, "prepend", "dec", "ced"],
    [3, "prepend", "dcdefb", "bfe"],
    [3, "prepend", "defgd", "dgf"],
  ]) {
    const page = await app.openLive(`/stream/${limit}`);
    await act(page, event, { keys });
    await shows(page, shown, `${limit} ${event} ${keys}`);
    await page.context().close();
  }
});

test("a limit counts no items that fade away", async () => {
  const page = await app.openLive("/stream/-4");
  await page.evaluate(() => {
    const fade = [["hide", { time: 300, transition: [["leaving"], [], []] }]];
    document.querySelector("#items-b").setAttribute("phx-remove", JSON.stringify(fade));
  });
  await act(page, "replace", { deleted: "b", keys: "de" });
  await page.locator("#items-b").waitFor({ state: "detached" });
  await shows(page, "acde");
});

test("a change beside the stream leaves it alone", async () => {
  const page = await app.openLive("/stream/0");
  await mark(page, "#items > li");
  await act(page, "delete", { keys: "z" });
  await hasText(page, "#acts", "1");
  assert.deepEqual(await marked(page, "#items > li"), ids("abc"));
});

test("a stream that was off the page is filled when it is back", async () => {
  const page = await app.openLive("/stream/0");
  await act(page, "append", { keys: "d" });
  await act(page, "hide");
  assert.equal(await page.locator("#items").count(), 0);
  await act(page, "show");
  await shows(page, "abc");
  await act(page, "append", { keys: "d" });
  await shows(page, "abcd");
});

test("an item comes back while it fades", async () => {
  const page = await app.openLive("/stream/0");
  await page.evaluate(() => {
    const fade = [["hide", { time: 300, transition: [["leaving"], [], []] }]];
    for (const key of "bc") document.querySelector(`#items-${key}`).setAttribute("phx-remove", JSON.stringify(fade));
    const actor = document.querySelector("#actor");
    const events = [["delete", { keys: "c" }], ["reset", { keys: "a" }], ["reset", { keys: "ab" }]];
    for (const [event, value] of events) {
      window.liveSocket.execJS(actor, JSON.stringify([["push", { event, value }]]), "click");
    }
  });
  await hasText(page, "#acts", "3");
  await shows(page, "ab");
});

test("after a lost connection the view tells its items again", async () => {
  const page = await app.openLive("/stream/0");
  await page.evaluate(() => (window.before = true));
  await act(page, "append", { keys: "de" });
  await act(page, "delete", { keys: "a" });
  await shows(page, "bcde");
  await reconnect(page);
  await shows(page, "abc", "as restream has it");
  await hasText(page, "#acts", "2");
  await act(page, "prepend", { keys: "x" });
  await shows(page, "xabc");
  assert.ok(await page.evaluate(() => window.before), "the page was not loaded again");
});

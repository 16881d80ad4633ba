// Keyed lists: their order, and which elements stay the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, childIds, childTexts, mark, marked, startPages } from "./support/app.mjs";

const app = await startPages();

const rows = (keys) => [...keys].map((key) => `row-${key}`);

/** Arranges the rows and checks their order, in the list with ids and in the one without. */
async function arrange(page, keys) {
  await act(page, "arrange", { keys });
  assert.deepEqual(await childIds(page, "#rows"), rows(keys), keys);
  const texts = [...keys].map((key) => `row ${key}${key > "b" ? "!" : ""}`);
  assert.deepEqual(await childTexts(page, "#anonymous"), texts, keys);
}

test("rows come, go and change places, and those that stay are the same elements", async () => {
  const page = await app.openLive("/list");
  await mark(page, "#rows > li");
  for (const [keys, kept] of [
    ["abcd", "abc"],
    ["xabcd", "abc"],
    ["xacd", "ac"],
    ["cdxa", "ca"],
    ["adcx", "ac"],
    ["a", "a"],
    ["zay", "a"],
  ]) {
    await arrange(page, keys);
    assert.deepEqual(await marked(page, "#rows > li"), rows(kept), keys);
  }
});

test("every arrangement follows every other", async () => {
  const page = await app.openLive("/list");
  let seed = 1;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 40; round++) {
    const keys = [..."abcdefgh"].filter(() => random(3) > 0);
    for (let i = keys.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [keys[i], keys[j]] = [keys[j], keys[i]];
    }
    await mark(page, "#rows > li");
    const before = new Set(await childIds(page, "#rows"));
    await arrange(page, keys.join(""));
    const stayed = rows(keys).filter((id) => before.has(id));
    assert.deepEqual(await marked(page, "#rows > li"), stayed, "no row was made anew");
  }
});

test("an emptied list is filled again", async () => {
  const page = await app.openLive("/list");
  await arrange(page, "");
  await arrange(page, "cab");
  await arrange(page, "");
  await arrange(page, "abc");
});

test("rows without ids are matched by their place", async () => {
  const page = await app.openLive("/list");
  const places = () =>
    page.locator("#anonymous > li").evaluateAll((rows) => rows.map(({ place }) => place));
  await page.locator("#anonymous > li").evaluateAll((rows) => {
    for (const [index, row] of rows.entries()) row.place = index;
  });
  await arrange(page, "cab");
  assert.deepEqual(await places(), [0, 1, 2]);
});

test("a row changes while it moves", async () => {
  const page = await app.openLive("/list");
  await mark(page, "#rows li");
  await act(page, "write", { key: "a", text: "<b>&amp; \"quoted\"" });
  await act(page, "arrange", { keys: "cba" });
  assert.equal(await page.textContent("#row-a > span"), "<b>&amp; \"quoted\"");
  assert.equal((await marked(page, "#rows > li")).length, 3);
});

test("a list within a row moves along and changes on its own", async () => {
  const page = await app.openLive("/list");
  await mark(page, "#rows li");
  await act(page, "nest", { key: "b", children: "yzx" });
  const children = ["child-by", "child-bz", "child-bx"];
  assert.deepEqual(await childIds(page, "#row-b > ol"), children);
  await act(page, "arrange", { keys: "bca" });
  assert.deepEqual(await childIds(page, "#row-b > ol"), children);
  assert.deepEqual(await marked(page, "#row-b li"), ["child-by", "child-bx"]);
  await act(page, "nest", { key: "b", children: "" });
  assert.deepEqual(await childIds(page, "#row-b > ol"), []);
  assert.deepEqual(await childIds(page, "#row-a > ol"), ["child-ax", "child-ay"]);
});

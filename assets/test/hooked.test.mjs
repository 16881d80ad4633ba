// Hooks, and streams of one name, in the layout and in the page, and in views in the rows of a stream.

import assert from "node:assert/strict";
import { test } from "node:test";
import { click, hasText, mark, marked, startPages } from "./support/app.mjs";

const app = await startPages();

/** Waits until hooks have come for all of these since the last time, and asserts that they are all. */
async function came(page, expected) {
  const said = () => page.evaluate(() => (sessionStorage.getItem("came") ?? "").split(",").slice(1));
  await page.waitForFunction(
    (count) => (sessionStorage.getItem("came") ?? "").split(",").length > count,
    expected.length,
  );
  assert.deepEqual((await said()).sort(), expected);
  await page.evaluate(() => sessionStorage.removeItem("came"));
}

test("an element of the page has its hook, also where one of the last layout had the same id", async () => {
  const page = await app.openLive("/hooked/home");
  await came(page, ["beside"]);
  await page.click("#alone");
  await hasText(page, "h1", "Alone");
  await came(page, ["alone"]);
});

test("a stream in the layout keeps its rows when a page has one of that name", async () => {
  const dead = await (await fetch(`${app.server.url}/hooked/streamed`)).text();
  assert.equal(dead.match(/rows-4/g).length, 1, "a row is in the page once");
  const page = await app.openLive("/hooked/home");
  const beside = () => page.locator("#beside-rows > li").allTextContents();
  assert.deepEqual(await beside(), ["1", "2", "3"]);
  await page.click("#streamed");
  await hasText(page, "#rows", "4");
  assert.deepEqual(await beside(), ["1", "2", "3"]);
  await page.click("#home");
  await hasText(page, "h1", "Home");
  assert.deepEqual(await beside(), ["1", "2", "3"]);
});

test("hooks in views in the rows of a stream come once with each row", async () => {
  const page = await app.openLive("/hooked/rows");
  const rows = () => page.locator("#rows [phx-hook]").evaluateAll((all) => all.map(({ id }) => id));
  await came(page, ["1", "2", "3"]);
  await mark(page, "#rows [phx-hook]");
  await click(page, "#without-2");
  assert.deepEqual(await rows(), ["row-1", "row-3"]);
  await click(page, "#without-1");
  await came(page, ["2"]);
  assert.deepEqual(await rows(), ["row-2", "row-3"]);
  assert.deepEqual(await marked(page, "#rows [phx-hook]"), ["row-3"], "a row that stays is the same");
  await click(page, "#more");
  await came(page, ["4"]);
});

// What somebody is typing stays theirs while the page changes around it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, childIds, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

/** What has the focus: its id, its value and where the caret stands. */
const typing = (page) =>
  page.evaluate(() => {
    const { id, value, selectionStart, selectionEnd } = document.activeElement;
    return { id, value, caret: [selectionStart, selectionEnd] };
  });

async function startTyping(page) {
  await page.fill("#input-b", "");
  await page.type("#input-b", "helo");
  await page.keyboard.press("ArrowLeft");
  assert.deepEqual(await typing(page), { id: "input-b", value: "helo", caret: [3, 3] });
}

for (const keys of ["cba", "bca", "cab", "dabce", "b", "xby"]) {
  test(`focus, text and caret stay when the rows become ${keys}`, async () => {
    const page = await app.openLive("/list");
    await startTyping(page);
    await act(page, "arrange", { keys });
    assert.deepEqual(await childIds(page, "#rows"), [...keys].map((key) => `row-${key}`));
    assert.deepEqual(await typing(page), { id: "input-b", value: "helo", caret: [3, 3] });
    await page.keyboard.type("l");
    assert.deepEqual(await typing(page), { id: "input-b", value: "hello", caret: [4, 4] });
  });
}

test("typing goes on through many changes", async () => {
  const page = await app.openLive("/list");
  await page.fill("#input-b", "");
  await page.focus("#input-b");
  const orders = ["cba", "bac", "acb", "bca"];
  for (const [index, letter] of [..."a whole sentence"].entries()) {
    await page.keyboard.type(letter);
    await act(page, "arrange", { keys: orders[index % orders.length] });
  }
  assert.equal((await typing(page)).value, "a whole sentence");
});

test("the server does not write into an input that somebody is in, but around it", async () => {
  const page = await app.openLive("/list");
  await startTyping(page);
  await act(page, "write", { key: "b", text: "from the server" });
  await hasText(page, "#row-b > span", "from the server");
  assert.deepEqual(await typing(page), { id: "input-b", value: "helo", caret: [3, 3] });
});

test("a selection stays", async () => {
  const page = await app.openLive("/list");
  await page.fill("#input-c", "select me");
  await page.locator("#input-c").evaluate((input) => input.setSelectionRange(2, 6));
  await act(page, "arrange", { keys: "xcabd" });
  assert.deepEqual(await typing(page), { id: "input-c", value: "select me", caret: [2, 6] });
});

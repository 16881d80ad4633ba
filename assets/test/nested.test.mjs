// Live views within a live view: each is joined, changed, lost and found on its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  act,
  click,
  connected,
  hasText,
  joined,
  mark,
  marked,
  reconnect,
  startPages,
} from "./support/app.mjs";

const app = await startPages();

const PARTS = ["left", "inner", "right"];

/** Waits until each counter shows what `counts` says. */
async function show(page, counts) {
  for (const [name, count] of Object.entries(counts)) {
    await hasText(page, `#${name}-count`, String(count));
  }
}

async function openNested() {
  const page = await app.openLive("/nested");
  for (const name of PARTS) await joined(page, `#${name}-count`);
  return page;
}

test("a click changes the view that it is in, and no other", async () => {
  const page = await openNested();
  await mark(page, "output, input, button");
  const all = await marked(page, "output, input, button");
  await click(page, "#inner-more");
  await show(page, { left: 0, inner: 1, right: 0 });
  await click(page, "#left-more");
  await click(page, "#left-more");
  await show(page, { left: 2, inner: 1, right: 0 });
  await hasText(page, "#number", "0");
  assert.deepEqual(await marked(page, "output, input, button"), all);
});

test("what the page around them changes leaves the nested views as they are", async () => {
  const page = await openNested();
  await click(page, "#left-more");
  await page.fill("#inner-note", "typed");
  await mark(page, "output, input, button");
  const all = await marked(page, "output, input, button");
  await act(page, "next");
  await hasText(page, "#number", "1");
  await page.locator("section[data-number='1'] #inner-note").waitFor();
  assert.deepEqual(await marked(page, "output, input, button"), all);
  assert.equal(await page.evaluate(() => document.activeElement.id), "inner-note");
  assert.equal(await page.inputValue("#inner-note"), "typed");
  await click(page, "#inner-more");
  await show(page, { left: 1, inner: 1, right: 0 });
});

test("a view that is placed later joins, and leaves with its place", async () => {
  const page = await openNested();
  for (const attempt of ["first", "second"]) {
    await act(page, "toggle_late");
    await joined(page, "#late-count");
    await show(page, { late: 0 });
    await click(page, "#late-more");
    await show(page, { late: 1 });
    await act(page, "toggle_late");
    await page.locator("#late-count").waitFor({ state: "detached" });
    assert.ok(await page.locator("#left-count").isVisible(), attempt);
  }
});

test("a view that panics comes back alone", async () => {
  const page = await openNested();
  for (const name of PARTS) await click(page, `#${name}-more`);
  await act(page, "next");
  await page.click("#right-panic");
  await show(page, { right: 0 });
  await joined(page, "#right-count");
  await click(page, "#right-more");
  await show(page, { left: 1, inner: 1, right: 1 });
  await hasText(page, "#number", "1");

  await page.click("#left-panic");
  await show(page, { left: 0, inner: 0 });
  await joined(page, "#inner-count");
  await click(page, "#inner-more");
  await show(page, { left: 0, inner: 1, right: 1 });
});

test("after a lost connection all of them are as they were", async () => {
  const page = await openNested();
  for (const name of PARTS) await click(page, `#${name}-more`);
  await act(page, "next");
  await reconnect(page);
  for (const name of PARTS) await joined(page, `#${name}-count`);
  await show(page, { left: 1, inner: 1, right: 1 });
  await hasText(page, "#number", "1");
  for (const name of PARTS) await click(page, `#${name}-more`);
  await show(page, { left: 2, inner: 2, right: 2 });
});

test("a view that is gone before its browser has joined it is not missed", async () => {
  const page = await app.open("/nested/brief");
  await page.locator("#over").waitFor();
  await connected(page);
  assert.equal(await page.evaluate(() => document.referrer), "", "the page was not loaded again");
  assert.equal(await page.locator("#brief-count").count(), 0);
});

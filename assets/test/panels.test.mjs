// Components that hold what never changes and what comes late, and a form that names its component by a
// selector.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, hasText, rejoins, startPages } from "./support/app.mjs";

const app = await startPages();

test("what never changes in a component is there when the same page is navigated to", async () => {
  const page = await app.openLive("/panels/rows");
  for (const attempt of ["loaded", "navigated"]) {
    await hasText(page, "#row-1 output", "10");
    await hasText(page, "#row-2 output", "20");
    assert.deepEqual(await page.locator(".unchanging").allTextContents(), ["always here", "always here"], attempt);
    await page.click("#again");
    await page.waitForURL("**/panels/rows?again");
  }
});

test("a form that names its component by a selector has its text back after a crash", async () => {
  const page = await app.openLive("/panels/settings");
  await page.click("#show-messages");
  await page.waitForURL("**/panels/messages");
  await page.fill("#draft-text", "Hello");
  await hasText(page, "#text", "Hello");
  await answered(page);
  await rejoins(page, () => page.click("#crash"));
  await hasText(page, "#text", "Hello");
  assert.equal(await page.inputValue("#draft-text"), "Hello");
  await page.press("#draft-text", "End");
  await page.keyboard.type("!");
  await hasText(page, "#text", "Hello!");
});

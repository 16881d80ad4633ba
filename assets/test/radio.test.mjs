// A view in the layout, through the death of the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, connected, disconnected, hasText, joined, startMortalPages } from "./support/app.mjs";

const app = await startMortalPages();

test("a killed server that starts again has the page's view and the layout's", async () => {
  const page = await app.openLive("/radio/1", { outage: true });
  await joined(page, "#play");
  await page.click("#play");
  await hasText(page, "#plays", "1");
  await page.click("#next");
  await hasText(page, "h1", "Station 2");
  await page.click("#play");
  await hasText(page, "#plays", "2");
  await page.fill("input[name=note]", "half a no");
  await answered(page);
  await page.evaluate(() => (document.querySelector("#note").isSame = true));

  await app.server.kill();
  await disconnected(page);
  await page.locator("input[name=note]").pressSequentially("te");
  await app.server.restart();
  await connected(page);
  await joined(page, "#play");
  await hasText(page, "h1", "Station 2");
  await hasText(page, "#plays", "0");
  assert.equal(await page.inputValue("input[name=note]"), "half a note");
  assert.ok(await page.evaluate(() => document.querySelector("#note").isSame), "the page was not loaded again");
  await hasText(page, "#typed", "1");

  await page.click("#play");
  await hasText(page, "#plays", "1");
  await page.click("#next");
  await hasText(page, "h1", "Station 3");
  await page.click("#player-goes");
  await hasText(page, "#plays", "2");
  assert.equal(await page.inputValue("input[name=note]"), "half a note");
});

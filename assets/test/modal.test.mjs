// A dialog with an address, which a click elsewhere and Escape close.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasFocus, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

const at = (page, search) => page.waitForURL((url) => url.search === search);

async function openDialog() {
  const page = await app.openLive("/modal");
  await page.click("#add");
  await at(page, "?is_open=true");
  await hasFocus(page, "#name");
  return page;
}

test("sending a form is no click elsewhere, and a click elsewhere closes the dialog", async () => {
  const page = await openDialog();
  await page.keyboard.type("Ann");
  await page.keyboard.press("Enter");
  await hasText(page, "output", "Sent: Ann");
  assert.ok(await page.isVisible("#modal"));
  assert.equal(new URL(page.url()).search, "?is_open=true");
  await page.click("#elsewhere");
  await at(page, "");
  await page.locator("#modal").waitFor({ state: "detached" });
  await hasFocus(page, "#add");
});

test("who marks a text and lets go elsewhere stays in the dialog, until Escape", async () => {
  const page = await openDialog();
  await page.keyboard.type("test");
  const { x, y, width, height } = await page.locator("#name").boundingBox();
  await page.mouse.move(x + width - 5, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(0, 0, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.press("Backspace");
  await page.waitForFunction(() => document.querySelector("#name").value === "");
  assert.ok(await page.isVisible("#modal"));
  assert.equal(new URL(page.url()).search, "?is_open=true");
  await page.keyboard.press("Escape");
  await at(page, "");
  await page.locator("#modal").waitFor({ state: "detached" });
});

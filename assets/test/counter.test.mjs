// `/counter`: one number, two buttons.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasFocus, hasText, startApp } from "./support/app.mjs";

const app = await startApp();

test("the number is in the first response", async () => {
  const page = await app.open("/counter", { javaScriptEnabled: false });
  assert.equal((await page.textContent("#count")).trim(), "0");
  assert.equal(await page.title(), "Counter · Belvedere");
});

for (const latency of [0, 150]) {
  test(`each click counts at ${latency} ms of latency`, async () => {
    const page = await app.openLive("/counter", { latency });
    await page.click("#inc");
    await page.click("#inc");
    await hasText(page, "#count", "2");
    await page.click("#dec");
    await hasText(page, "#count", "1");
  });
}

test("every tab has a number of its own", async () => {
  const first = await app.openLive("/counter");
  await first.click("#inc");
  await hasText(first, "#count", "1");
  const second = await first.context().newPage();
  await second.goto(first.url());
  await hasText(second, "#count", "0");
});

test("the keyboard is enough", async () => {
  const page = await app.openLive("/counter");
  await page.focus("#dec");
  await page.keyboard.press("Tab");
  await hasFocus(page, "#inc");
  await page.keyboard.press("Enter");
  await hasText(page, "#count", "1");
  await page.keyboard.press("Space");
  await hasText(page, "#count", "2");
  assert.equal(await page.evaluate(() => document.activeElement.id), "inc", "the focus stays where it was");
});

test("the first stop of the keyboard leads to the content", async () => {
  const page = await app.openLive("/counter");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.activeElement.textContent === "Skip to content");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/counter#main");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.activeElement.closest("main")?.id === "main");
});

test("quick clicks on a slow network all count", async () => {
  const page = await app.openLive("/counter");
  await page.evaluate(() => {
    window.liveSocket.enableLatencySim(150);
    for (let click = 0; click < 5; click++) document.querySelector("#inc").click();
  });
  await hasText(page, "#count", "5");
});

// The server goes away under an open page, and comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, disconnected, hasText, screenshot, startApp } from "./support/app.mjs";

const app = await startApp();

test("a lost connection is shown, and the page recovers by itself", async () => {
  const page = await app.openLive("/counter", { outage: true });
  const lost = page.locator("#connection-lost");
  assert.equal(await lost.isVisible(), false);
  await page.click("#inc");
  await hasText(page, "#count", "1");

  await app.server.kill();
  await lost.waitFor({ state: "visible" });
  assert.match(await lost.innerText(), /Connection lost/);
  await screenshot(page, "connection-lost");

  await app.server.restart();
  await connected(page);
  await lost.waitFor({ state: "hidden" });
  const before = Number(await page.textContent("#count"));
  await page.click("#inc");
  await hasText(page, "#count", String(before + 1));
});

test("a table survives the outage", async () => {
  const page = await app.openLive("/users-fast", { outage: true });
  const before = await page.innerText("table#users");
  await app.server.kill();
  await page.locator("#connection-lost").waitFor({ state: "visible" });
  assert.equal(await page.innerText("table#users"), before, "what was there stays readable");
  await app.server.restart();
  await connected(page);
  assert.equal(await page.innerText("table#users"), before);
});

test("an orderly restart is hardly noticed", async () => {
  const page = await app.openLive("/counter", { outage: true });
  await page.evaluate(() => (window.before = true));
  await app.server.stop();
  // Until the browser has noticed, the page looks connected.
  await disconnected(page);
  await app.server.restart();
  await connected(page);
  await page.click("#inc");
  await page.waitForFunction(() => document.querySelector("#count").textContent !== "0");
  assert.ok(await page.evaluate(() => window.before), "the page was not loaded again");
});

test("a page with files of another build reloads when it reconnects", async () => {
  const page = await app.openLive("/counter", { outage: true });
  await app.deployScripts(page);
  assert.ok(await page.locator("script[src^='/assets/app-']:not([src*='-0000'])").count());
});

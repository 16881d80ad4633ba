// A page that is left leaves no view behind on the server; one that has lost its connection does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, hasText, loads, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

/** Opens two tabs of a room, and a page that sees how many views the room has. */
async function openTwo(room) {
  const [page, other, watcher] = await Promise.all([
    app.openLive(`/tabs/${room}`),
    app.openLive(`/tabs/${room}`),
    app.open(`/tabs/${room}/views`),
  ]);
  const views = (number) =>
    watcher.waitForFunction(
      async (number) => (await (await fetch(window.location.href)).text()) === number,
      String(number),
    );
  await views(2);
  return { page, other, views, number: () => page.textContent("output") };
}

test("an ordinary link", async () => {
  const { page, views } = await openTwo("link");
  await page.click("a");
  await views(1);
});

test("a reload", async () => {
  const { page, views, number } = await openTwo("reload");
  const before = await number();
  await page.reload();
  await connected(page);
  assert.notEqual(await number(), before);
  await views(2);
});

test("a tab that is closed", async () => {
  const { page, other, views } = await openTwo("close");
  await page.close();
  await views(1);
  await other.close({ runBeforeUnload: true });
  await views(0);
});

test("another address, and the way back", async () => {
  const { page, views } = await openTwo("back");
  await page.goto("about:blank");
  await views(1);
  await page.goBack();
  await connected(page);
  await views(2);
});

test("a script that disconnects with a code finds the view again", async () => {
  const { page, views, number } = await openTwo("script");
  const before = await number();
  await reconnect(page);
  await hasText(page, "output", before);
  await views(2);
});

test("signing out in one tab ends the page of the other", async () => {
  const page = await app.openLive("/account/sign-in");
  await loads(page, () => page.click("#send"));
  await hasText(page, "h1", "Account of Ann");
  await connected(page);
  const other = await page.context().newPage();
  await other.goto(`${app.server.url}/account`);
  await connected(other);
  await other.click("#click");
  await hasText(other, "#click", "1");

  await page.click("#send");
  await page.waitForURL("**/account/sign-in");
  await other.waitForURL("**/account/sign-in");
  await hasText(other, "h1", "Sign in");
  await connected(other);

  // Who signs in again has pages in both; the page of the session before loads itself anew.
  await connected(page);
  await loads(page, () => loads(other, () => other.click("#send")));
  await hasText(other, "h1", "Account of Ann");
  await page.goto(`${app.server.url}/account`);
  await connected(page);
  await page.click("#click");
  await hasText(page, "#click", "1");
});

test("a router that is nested in another is as live", async () => {
  const page = await app.openLive("/tools/tabs/nested");
  const before = await page.textContent("output");
  await reconnect(page);
  await hasText(page, "output", before);
  await page.goto(`${app.server.url}/tabs/nested`);
  await connected(page);
  await page.goBack();
  await connected(page);
});

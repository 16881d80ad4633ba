// Pages that are left while something of theirs is still under way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { click, hasCount, hasText, hold, startPages, watchFor } from "./support/app.mjs";

const app = await startPages();

/** Waits for the other page, and asserts that no event of the first has reached it. */
async function arrivesAlone(page) {
  await hasText(page, "h1", "Arrived");
  await click(page, "#refresh");
  await hasText(page, "#notes", "");
}

test("text that waits for its input to lose the focus goes with the form, and to no other page", async () => {
  const page = await app.openLive("/departures/from/nothing");
  await page.focus("#note");
  await page.keyboard.type("hello");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/departures/arrived");
  await arrivesAlone(page);
});

test("what is typed into a page that is on its way out reaches no other page", async () => {
  const page = await app.openLive("/departures/from/banner");
  await page.evaluate(() =>
    window.liveSocket.socket.onMessage(({ payload }) => (window.hasJoined ||= Boolean(payload.response?.rendered))),
  );
  const leaving = await hold(page, "#banner.leaving");
  await page.click("#go");
  await leaving.reached();
  await page.waitForFunction(() => window.hasJoined);
  await page.locator("#quick").pressSequentially("hello");
  await hasText(page, "h1", "Leaving");
  await leaving.release();
  await arrivesAlone(page);
});

test("a row of a stream goes by its own commands", async () => {
  const page = await app.openLive("/departures/from/rows");
  const leaving = await watchFor(page, "#rows-1.leaving");
  await page.click("#rows-1 button");
  await leaving();
  await page.locator("#rows-1").waitFor({ state: "detached" });
  await hasCount(page, "#rows > :not(.leaving)", 1);
});

test("the rows of a page that is left go by their own commands", async () => {
  const page = await app.openLive("/departures/from/rows");
  const leaving = await hold(page, "#rows-1.leaving + #rows-2.leaving");
  await page.click("#go");
  await leaving.reached();
  await hasText(page, "h1", "Leaving");
  await leaving.release();
  await arrivesAlone(page);
});

test("a page may be left without the commands of what is in it", async () => {
  const page = await app.openLive("/departures/from/rows");
  await page.evaluate(() => {
    // As the client's option of this name sets it.
    window.liveSocket.cascadePhxRemoveOnNavigation = false;
    window.wasLeaving = false;
    new MutationObserver(() => (window.wasLeaving ||= document.querySelector(".leaving") !== null)).observe(
      document.body,
      { subtree: true, attributeFilter: ["class"] },
    );
  });
  await page.click("#go");
  await arrivesAlone(page);
  assert.equal(await page.evaluate(() => window.wasLeaving), false);
});

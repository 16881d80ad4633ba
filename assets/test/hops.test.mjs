// Pages that send their visitor on: while the URL is read, with a message, again and again, and before
// what stands in them has joined.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, connected, hasText, hold, startPages } from "./support/app.mjs";

const app = await startPages();

const heading = (page) => page.textContent("h1");

/** Goes through the history, and waits until the view there has been told the place. */
async function goes(page, direction, place) {
  await page[direction]();
  await hasText(page, "#place", String(place));
  await connected(page);
}

test("the history tells views that were mounted from URLs that were patched", async () => {
  const page = await app.openLive("/hops/hop");
  const first = await heading(page);
  await page.click("#navigate");
  await hasText(page, "#place", "1");
  const second = await heading(page);
  assert.notEqual(second, first, "a navigation mounts, also to the same view");
  await page.click("#patch");
  await hasText(page, "#place", "2");
  assert.equal(await heading(page), second);
  await goes(page, "goBack", 1);
  assert.equal(await heading(page), second);
  await goes(page, "goBack", 0);
  const third = await heading(page);
  assert.ok(![first, second].includes(third), "and so does the way back over it");
  await goes(page, "goForward", 1);
  const fourth = await heading(page);
  assert.ok(![first, second, third].includes(fourth));
  await goes(page, "goBack", 0);
  assert.notEqual(await heading(page), fourth);
});

test("who is sent on while the URL is read comes there, without an error", async () => {
  const page = await app.openLive("/hops/hop");
  await page.click("#goes");
  await hasText(page, "h1", "Message a");
  await connected(page);
  assert.equal(new URL(page.url()).pathname, "/hops/message/a");
});

test("a message is shown on the next page, however one comes there", async () => {
  const page = await app.openLive("/hops/message/a");
  for (const [from, to, isLoaded] of [["a", "b", false], ["b", "c", true], ["c", "a", true]]) {
    assert.equal(await heading(page), `Message ${from}`);
    await page.evaluate(() => (window.isSame = true));
    await page.click("#go");
    await hasText(page, "h1", `Message ${to}`);
    await connected(page);
    await hasText(page, ".flash", `From ${from}`);
    assert.equal(await page.evaluate(() => !window.isSame), isLoaded, `${from} to ${to}`);
  }
});

test("of many URLs at once the last one is shown, and the page goes on", async () => {
  const page = await app.openLive("/hops/hop");
  await page.evaluate(() => document.querySelectorAll("li a").forEach((link) => link.click()));
  await page.waitForURL("**/hops/hop?place=10");
  await answered(page);
  await hasText(page, "#component", "At 10");
  await page.click("#place-5");
  await hasText(page, "#place", "5");
  await hasText(page, "#component", "At 5");
});

test("who types a URL and follows a link at once comes where the link leads", async () => {
  const page = await app.openLive("/hops/hop");
  await page.fill("#typed", "50");
  // The input is left, which sends what was typed.
  await page.click("#place-5");
  await hasText(page, "#place", "5");
  await page.waitForURL("**/hops/hop?place=5");
  await answered(page);
  assert.equal(new URL(page.url()).search, "?place=5");
  await goes(page, "goBack", 50);
  await page.fill("#typed", "60");
  await page.evaluate(() => {
    document.activeElement.blur();
    window.history.forward();
  });
  await hasText(page, "#place", "5");
  await answered(page);
  assert.equal(new URL(page.url()).search, "?place=5");
});

test("a link to the URL that is shown, from which the view goes on, leaves that URL in the history", async () => {
  const page = await app.openLive("/hops/next/1");
  await page.click("#again");
  await hasText(page, "#place", "2");
  await answered(page);
  assert.equal(new URL(page.url()).pathname, "/hops/next/2");
  await goes(page, "goBack", 1);
  assert.equal(new URL(page.url()).pathname, "/hops/next/1");
  await goes(page, "goForward", 2);
  assert.equal(new URL(page.url()).pathname, "/hops/next/2");
});

/** Types a place, and waits until the server has said its URL. */
async function typesAndHears(page, place) {
  await page.fill("#typed", String(place));
  await page.evaluate(
    () =>
      new Promise((done) => {
        window.liveSocket.getSocket().onMessage(({ event }) => event === "live_patch" && done());
        document.activeElement.blur();
      }),
  );
}

/** Lets a page that was held show this place, under its URL. */
async function endsAt(page, held, place) {
  await held.release();
  await hasText(page, "#place", String(place));
  await hasText(page, "#component", `At ${place}`);
  await answered(page);
  assert.equal(new URL(page.url()).search, `?place=${place}`);
}

test("a URL that is said after the answer to a link is shown after it, also where a fade holds up both", async () => {
  const page = await app.openLive("/hops/hop");
  await page.click("#patch");
  await hasText(page, "#place", "1");
  await answered(page);
  const held = await hold(page, "#place-5[data-phx-ref-src]");
  await page.click("#place-5");
  await held.reached();
  await typesAndHears(page, 50);
  await endsAt(page, held, 50);
  // It has taken the place of the link's, not of that before.
  await goes(page, "goBack", 1);
  await goes(page, "goForward", 50);
  await goes(page, "goBack", 1);
  const again = await hold(page, "#is-back");
  await page.evaluate(() => {
    const mark = () => document.body.append(Object.assign(document.createElement("i"), { id: "is-back" }));
    window.addEventListener("popstate", mark, { once: true });
    window.history.back();
  });
  await again.reached();
  await typesAndHears(page, 60);
  await endsAt(page, again, 60);
  await goes(page, "goForward", 1);
});

test("a page may be left while the view in it still joins", async () => {
  const page = await app.open("/hops/hasty");
  await page.waitForURL("**/hops/hasty?done=true");
  await hasText(page, "#joining", "here");
  await page.locator(".phx-connected > #joining").waitFor();
  await connected(page);
});

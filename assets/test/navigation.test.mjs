// Live navigation as a browser shows it: history, scroll, focus, titles, hash links, full loads.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answered,
  connected,
  disconnected,
  hasCount,
  hasFocus,
  hasText,
  hasTitle,
  joined,
  loads,
  reconnect,
  rejoins,
  startApp,
  startPages,
} from "./support/app.mjs";

const app = await startPages();
const sample = await startApp();

/** Counts the documents and sockets that a page opens from now on. */
function watch(page) {
  const seen = { documents: 0, sockets: 0 };
  page.on("request", (request) => (seen.documents += request.isNavigationRequest()));
  page.on("websocket", () => (seen.sockets += 1));
  return seen;
}

const path = (page) => page.evaluate(() => window.location.href.slice(window.location.origin.length));
const scrolled = (page) => page.evaluate(() => Math.round(window.scrollY));
const at = (page, expected) => page.waitForURL((url) => url.pathname + url.search + url.hash === expected);

test("patches go back and forward on one socket, and keep the view", async () => {
  const page = await app.openLive("/navigation/rows");
  const seen = watch(page);
  await page.click("#click");
  await page.click("#patch");
  await hasText(page, "output", "1");
  await page.click("#patch");
  await hasText(page, "output", "2");
  assert.equal(await path(page), "/navigation/rows?row=2");
  await hasTitle(page, "Row 2");
  await page.goBack();
  await hasText(page, "output", "1");
  await page.goBack();
  await hasText(page, "output", "0");
  await page.goForward();
  await hasText(page, "output", "1");
  const entries = await page.evaluate(() => window.history.length);
  await page.click("#replace");
  await hasText(page, "output", "2");
  assert.equal(await page.evaluate(() => window.history.length), entries);
  await hasText(page, "#clicks", "1");
  assert.deepEqual(seen, { documents: 0, sockets: 0 });
});

test("a URL that fails leaves page and address as they were", async () => {
  const page = await app.openLive("/navigation/rows?row=3");
  await page.click("#click");
  await page.click("#fails");
  await page.locator(".flash.error").waitFor();
  assert.equal(await path(page), "/navigation/rows?row=3");
  await hasText(page, "output", "3");
  await hasText(page, "#clicks", "1");
  await page.click("#patch");
  await hasText(page, "output", "4");
  await hasCount(page, ".flash", 0);
});

test("navigation brings title, announcement and focus, and the way back the scroll", async () => {
  const page = await app.openLive("/navigation/rows");
  const seen = watch(page);
  await page.evaluate(() => document.querySelector("#row-60").scrollIntoView());
  // The client notes where a page is scrolled to a tenth of a second later.
  await page.waitForFunction(() => window.history.state?.scroll > 0);
  const before = await scrolled(page);
  // A click by mouse may scroll to the link first.
  await page.locator("#row-60 a").evaluate((link) => link.click());
  await hasText(page, "#row", "60");
  await hasFocus(page, "h1");
  await hasText(page, "h1", "Other");
  await hasTitle(page, "The row 60");
  await hasText(page, "#live-announcer", "The row 60");
  await page.waitForFunction(() => window.scrollY === 0);
  await page.goBack();
  await hasText(page, "h1", "Rows");
  await page.waitForFunction((before) => Math.abs(window.scrollY - before) < 2, before);
  await hasFocus(page, "h1");
  assert.deepEqual(seen, { documents: 0, sockets: 0 });
});

test("links by command, from a callback with its flash, and with a hash", async () => {
  const page = await app.openLive("/navigation/rows");
  await page.click("#js");
  await hasText(page, "h1", "Other");
  await page.click("#rows");
  await hasText(page, "output", "7");
  await page.click("#leave");
  await hasText(page, "h1", "Other");
  await hasText(page, ".flash", "From the rows");
  await page.click("#gone");
  await hasText(page, "output", "8");
  await page.click("#hash");
  await at(page, "/navigation/other#row-40");
  await page.waitForFunction(() => window.scrollY > 0);
  await page.goBack();
  await hasText(page, "output", "8");
  const seen = watch(page);
  await page.click("#here");
  await at(page, "/navigation/rows?row=8#row-40");
  await page.waitForFunction(() => window.scrollY > 0);
  assert.deepEqual(seen, { documents: 0, sockets: 0 });
});

test("what is not live, guarded or of another group is loaded", async () => {
  for (const [link, title, where] of [
    ["#plain", "Plain", "/navigation/plain"],
    ["#guarded", "Plain", "/navigation/plain"],
    ["#group", "Other", "/navigation/group"],
  ]) {
    const page = await app.openLive("/navigation/rows?row=5");
    await page.click(link);
    await at(page, where);
    await hasText(page, "h1", title);
    await page.goBack();
    await connected(page);
    await hasText(page, "output", "5");
  }
  const page = await app.openLive("/navigation/rows", { refused: true });
  await page.click("#broken");
  await at(page, "/navigation/broken");
  await page.goBack();
  await connected(page);
  await page.click("#failed");
  await at(page, "/navigation/failed");
  await hasText(page, "h1", "Failed");
});

test("a page that never answers leaves the one before, until the browser loads it", async () => {
  const page = await app.openLive("/navigation/rows");
  await page.evaluate(() => {
    window.liveSocket.getSocket().timeout = 300;
    Object.assign(window.liveSocket, { reloadJitterMin: 1, reloadJitterMax: 2 });
  });
  // A browser that has no answer shows what it has.
  await page.route("**/navigation/never", (route) => route.fulfill({ status: 204 }));
  const loaded = page.waitForRequest((request) => request.isNavigationRequest());
  await page.click("#never");
  assert.ok((await loaded).url().endsWith("/navigation/never"));
  await hasText(page, "h1", "Rows");
});

test("the history and a command may be forbidden, the server's word not", async () => {
  const page = await app.openLive("/navigation/rows");
  await page.click("#other");
  await hasText(page, "h1", "Other");
  await page.click("#rows");
  await hasText(page, "output", "7");
  await page.evaluate(() => {
    window.went = [];
    window.forbid = (event) => window.went.push(event.detail) && event.preventDefault();
    window.addEventListener("phx:before-navigate", window.forbid);
  });
  const went = () =>
    page.evaluate(() => window.went.splice(0).map(({ href, ...rest }) => ({ to: new URL(href).pathname, ...rest })));
  await page.goBack();
  await page.waitForFunction(() => window.went.length);
  await at(page, "/navigation/rows?row=7");
  assert.deepEqual(await went(), [{ to: "/navigation/other", patch: false, pop: true, direction: "backward" }]);
  await page.click("#js");
  assert.deepEqual(await went(), [{ to: "/navigation/other", patch: false, pop: false, direction: "forward" }]);
  await hasText(page, "output", "7");
  await page.click("#leave");
  await hasText(page, ".flash", "From the rows");
  assert.deepEqual(await went(), []);
  await page.evaluate(() => {
    window.removeEventListener("phx:before-navigate", window.forbid);
    window.addEventListener("phx:navigate", ({ detail }) => window.went.push(detail));
  });
  await page.click("#rows");
  await hasText(page, "output", "7");
  await page.click("#patch");
  await hasText(page, "output", "8");
  await page.goBack();
  await hasText(page, "output", "7");
  await page.goBack();
  await hasText(page, "h1", "Other");
  const kinds = (await went()).map(({ patch, pop, direction }) => [patch, pop, direction]);
  assert.deepEqual(kinds, [
    [false, false, "forward"],
    [true, false, "forward"],
    [true, true, "backward"],
    [false, true, "backward"],
  ]);
});

test("each unsaved form is asked about, also by a command", async () => {
  const page = await app.openLive("/navigation/rows");
  await page.evaluate(() =>
    document.body.insertAdjacentHTML(
      "afterbegin",
      `<form id="a" data-unsaved="Leave a?"></form>
       <form id="b" data-unsaved="Leave b?" action="/navigation/plain"><button>Send b</button></form>
       <a id="link" href="/navigation/plain">Plain</a>`,
    ),
  );
  const asked = [];
  let stays = true;
  page.on("dialog", (dialog) => {
    asked.push(dialog.type() === "confirm" ? dialog.message() : dialog.type());
    return stays ? dialog.dismiss() : dialog.accept();
  });
  await page.click("#js");
  assert.deepEqual(asked.splice(0), ["Leave a?"]);
  await page.click("#b button");
  assert.deepEqual(asked.splice(0), ["Leave a?"], "one form is sent, the other is not");
  await page.click("#link");
  assert.deepEqual(asked.splice(0), ["Leave a?"]);
  await page.evaluate(() => document.querySelector("#a").remove());
  await page.click("#js");
  assert.deepEqual(asked.splice(0), ["Leave b?"], "it was not sent either");
  await page.click("#click");
  await hasText(page, "#clicks", "1");
  stays = false;
  await page.click("#js");
  await hasText(page, "h1", "Other");
  assert.deepEqual(asked, ["Leave b?"]);
});

test("a script may forbid to leave", async () => {
  const page = await app.openLive("/navigation/rows");
  await page.evaluate(() =>
    window.addEventListener("phx:before-navigate", (event) => event.preventDefault(), { once: true }),
  );
  await page.click("#other");
  await hasText(page, "h1", "Rows");
  assert.equal(await path(page), "/navigation/rows");
  await page.click("#other");
  await hasText(page, "h1", "Other");
});

test("a lost socket comes back to the URL that the browser shows", async () => {
  const page = await app.openLive("/navigation/rows");
  await page.click("#click");
  await page.click("#patch");
  await hasText(page, "output", "1");
  await reconnect(page);
  await hasText(page, "output", "1");
  await page.evaluate(() => window.history.replaceState(window.history.state, "", "?row=6"));
  await reconnect(page);
  await hasText(page, "output", "6");
  await hasText(page, "#clicks", "1");
  await page.click("#other");
  await hasText(page, "h1", "Other");
  await reconnect(page);
  await hasText(page, "h1", "Other");
  await page.goBack();
  await hasText(page, "output", "6");
});

test("a server that was killed serves the URL that is shown", async () => {
  const page = await sample.openLive("/search", { outage: true });
  await page.fill("input[name=q]", "a");
  await at(page, "/search?q=a&page=0");
  await page.click("#order");
  await page.click("#next");
  await at(page, "/search?q=a&by_height=true&page=1");
  const shown = await page.locator("ol li").allTextContents();
  await sample.server.kill();
  await disconnected(page);
  await sample.server.restart();
  await connected(page);
  assert.equal(await path(page), "/search?q=a&by_height=true&page=1");
  assert.deepEqual(await page.locator("ol li").allTextContents(), shown);
  await page.goBack();
  await at(page, "/search?q=a&by_height=true&page=0");
  await page.waitForFunction(() => document.querySelector("#next"));
});

test("without JavaScript every link and the search load their pages", async () => {
  const page = await sample.open("/search", { javaScriptEnabled: false });
  await page.locator("#order").click();
  await page.waitForURL(/by_height=true/);
  await page.locator("#next").click();
  await page.waitForURL(/page=1/);
  await page.locator("input[name=q]").fill("fu");
  await page.locator("input[name=q]").press("Enter");
  await page.waitForURL(/q=fu/);
  assert.deepEqual(await page.locator("ol li").allTextContents(), ["Fuji, 3776 m"]);
});

test("the menu navigates live and marks its page", async () => {
  const page = await sample.openLive("/");
  const seen = watch(page);
  for (const where of ["/counter", "/users-fast", "/users-slow", "/"]) {
    await page.click(`nav a[href="${where}"]`);
    await at(page, where);
    await page.waitForFunction(
      (where) => document.querySelector("nav a[aria-current]")?.getAttribute("href") === where,
      where,
    );
    await hasFocus(page, "h1");
  }
  await answered(page);
  assert.deepEqual(seen, { documents: 0, sockets: 0 });
});

test("a link of the menu that is left for another one, or by the history, is awaited no more", async () => {
  const page = await sample.openLive("/", { latency: 300 });
  // At once: `page.click` would wait for what was done before.
  const follow = (where) => page.locator(`nav a[href="${where}"]`).click();
  await follow("/counter");
  await follow("/users-fast");
  await at(page, "/users-fast");
  await hasText(page, "h1", "Users, fast");
  await hasCount(page, ".phx-click-loading", 0);
  await follow("/counter");
  await page.goBack();
  await at(page, "/");
  await connected(page);
  await hasCount(page, ".phx-click-loading", 0);
});

test("a view in the layout goes on, whatever the page within does", async () => {
  const page = await app.openLive("/radio/1", { outage: true });
  const seen = watch(page);
  await joined(page, "#play");
  const tracks = () => page.locator("#tracks li").allTextContents();
  await page.click("#play");
  await hasText(page, "#plays", "1");
  await page.fill("input[name=note]", "a note");
  await answered(page);
  await page.evaluate(() => (document.querySelector("#note").isSame = true));
  await page.click("#next");
  await hasText(page, "h1", "Station 2");
  await page.click("#player-goes");
  await hasText(page, "h1", "Station 3");
  await hasText(page, "#plays", "2");
  await page.click("#player-patches");
  await at(page, "/radio/3?loud=true");
  await page.goBack();
  await at(page, "/radio/3");
  await page.goBack();
  await hasText(page, "h1", "Station 2");
  await page.goForward();
  await hasText(page, "h1", "Station 3");
  await page.click("#player-link");
  await hasText(page, "h1", "Station 2");
  await hasCount(page, "#player-link.phx-click-loading", 0);
  await rejoins(page, () => page.click("#crash"));
  await page.click("#play");
  await hasText(page, "#plays", "3");
  assert.deepEqual(await tracks(), ["1", "2", "4"]);
  assert.equal(await page.inputValue("input[name=note]"), "a note");
  assert.ok(await page.evaluate(() => document.querySelector("#note").isSame));
  assert.ok(await page.locator("#leaving").isVisible());
  assert.deepEqual(seen, { documents: 0, sockets: 0 });

  await hasText(page, "#typed", "1");
  await reconnect(page);
  await joined(page, "#play");
  await page.click("#play");
  await hasText(page, "#plays", "4");
  await hasText(page, "#typed", "1");
  await page.click("#next");
  await hasText(page, "h1", "Station 3");
  await page.click("#play");
  await hasText(page, "#plays", "5");
  await page.click("#player-crashes");
  await hasText(page, "#plays", "0");
  await joined(page, "#play");
  await hasText(page, "h1", "Station 3");
  assert.equal(await page.inputValue("input[name=note]"), "a note", "which the client brings back");
  await hasText(page, "#typed", "1");
  await page.focus("input[name=note]");
  await page.evaluate(() => {
    const arrived = new Promise((done) => window.addEventListener("phx:page-loading-stop", done, { once: true }));
    window.liveSocket.js().navigate("/radio/4");
    return arrived;
  });
  await hasText(page, "h1", "Station 4");
  assert.ok(await page.evaluate(() => document.activeElement.name === "note"), "who writes goes on");
  await page.goBack();
  await hasText(page, "h1", "Station 3");
  await page.click("#play");
  await hasText(page, "#plays", "1");
  await page.click("#away");
  await hasText(page, "h1", "Other");
  assert.equal(await page.locator("#plays").count(), 0, "out of the group it is gone");
  await page.goBack();
  await hasText(page, "h1", "Station 3");
  await hasText(page, "#plays", "0");
});

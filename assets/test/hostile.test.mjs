// Pages whose tokens are wrong: the browser loads them again and they work.

import assert from "node:assert/strict";
import { test } from "node:test";
import { click, connected, hasText, loadsWithin, startApp, staysFor, stopClock } from "./support/app.mjs";
import { Proxy } from "./support/proxy.mjs";

const app = await startApp();

/**
 * Opens a page one token of which is changed before any script runs; when the page is loaded again,
 * it is left as it is.
 */
async function openTampered(path, selector, attribute) {
  const page = await app.openLive("/");
  await page.addInitScript(
    ([selector, attribute]) => {
      document.addEventListener("readystatechange", () => {
        if (document.readyState !== "interactive" || sessionStorage.tampered) return;
        sessionStorage.tampered = "yes";
        const element = document.querySelector(selector);
        const token = element.getAttribute(attribute);
        const last = token.endsWith("A") ? "B" : "A";
        element.setAttribute(attribute, token.slice(0, -1) + last);
      });
    },
    [selector, attribute],
  );
  let loads = 0;
  page.on("response", (response) => {
    if (response.url() === app.server.url + path) loads += 1;
  });
  await page.goto(app.server.url + path);
  await connected(page);
  return { page, loads: () => loads };
}

const TOKENS = {
  "page token": ["[data-phx-main]", "data-phx-session"],
  "static token": ["[data-phx-main]", "data-phx-static"],
  "CSRF token": ["meta[name=csrf-token]", "content"],
};

for (const [name, [selector, attribute]] of Object.entries(TOKENS)) {
  test(`a page with a tampered ${name} is loaded once more and works`, async () => {
    const { page, loads } = await openTampered("/counter", selector, attribute);
    await page.click("#inc");
    await hasText(page, "#count", "1");
    assert.equal(loads(), 2);
  });
}

test("a page that lost its cookie is loaded again when it reconnects", async () => {
  const page = await app.openLive("/counter", { outage: true });
  await page.click("#inc");
  await hasText(page, "#count", "1");
  const stranger = await app.openLive("/counter", { outage: true });
  await page.context().clearCookies();
  await page.context().addCookies(await stranger.context().cookies());
  const loaded = page.waitForEvent("load");
  await app.server.kill();
  await app.server.restart();
  await loaded;
  await connected(page);
  await hasText(page, "#count", "0");
});

/** Opens the counter in a browser that keeps nothing, neither cookies nor what scripts want kept. */
async function openWithoutStorage(proxy, { givesCookies = false, takesNotes = true } = {}) {
  proxy.givesCookies = givesCookies;
  const watch = (page) =>
    page.addInitScript((takesNotes) => {
      const { replaceState } = History.prototype;
      // As Safari after the hundredth in half a minute.
      History.prototype.replaceState = function (state, ...rest) {
        if (state?.belvedere && !takesNotes) throw new DOMException("too many calls", "SecurityError");
        replaceState.call(this, state, ...rest);
      };
      for (const name of ["sessionStorage", "localStorage"]) {
        Object.defineProperty(window, name, {
          get: () => {
            throw new DOMException("Access is denied for this document.", "SecurityError");
          },
        });
      }
    }, takesNotes);
  return app.open("/counter", { at: proxy.url, outage: true, refused: true, latency: 0, watch });
}

test("a browser that blocks cookies is told that they are needed", async () => {
  const proxy = await Proxy.start(app.server.url, "pass");
  const page = await openWithoutStorage(proxy);
  await page.waitForSelector("#connection-cookies", { state: "visible" });
  const words = "This page needs cookies, and your browser keeps none. Allow them for this site. Trying again…";
  assert.equal(await page.innerText(".connection"), words);
  proxy.close();
});

test("a browser that keeps nothing, not even in its history, still shows where its visitor goes", async () => {
  const proxy = await Proxy.start(app.server.url, "pass");
  const page = await openWithoutStorage(proxy, { givesCookies: true, takesNotes: false });
  await connected(page);
  await page.click("header a[href='/users']");
  await page.waitForURL("**/users");
  proxy.close();
});

test("its page is loaded less often after a while, and works once cookies are allowed", async () => {
  const proxy = await Proxy.start(app.server.url, "pass");
  const page = await openWithoutStorage(proxy);
  const isRefused = () => page.locator("#connection-cookies").waitFor();
  await isRefused();
  await stopClock(page);
  for (let times = 9; times > 0; times -= 1) {
    await isRefused();
    await loadsWithin(page, 10);
  }
  await isRefused();
  await staysFor(page, 10);
  proxy.givesCookies = true;
  await loadsWithin(page, 30);
  await page.clock.resume();
  await connected(page);
  await click(page, "#inc");
  await hasText(page, "#count", "1");
  proxy.close();
});

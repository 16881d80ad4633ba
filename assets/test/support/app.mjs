// One server and a browser for the tests of a file, a watch over every page they open, and what
// they do there.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, afterEach } from "node:test";
import { isFirefox, openBrowser } from "./browser.mjs";
import { Server } from "./server.mjs";

const OUTPUT = new URL("../output/", import.meta.url).pathname;

/** What browsers, the client and a script without it write to the console while there is no server. */
const OUTAGE = new RegExp(
  [
    "WebSocket connection to .* failed|net::ERR_(CONNECTION_REFUSED|EMPTY_RESPONSE)",
    "Firefox can’t establish a connection|The connection to .* was interrupted|Loading failed for the <script>",
    "XML Parsing Error: no root element|Failed to push file progress|Belvedere is not defined",
  ].join("|"),
);

/** What Chromium writes about a page that is answered with 404. */
const MISSING = /status of 404/;

/** What Chromium writes about a page that is refused, or that fails. */
const REFUSED = /status of [45]\d\d/;

/**
 * How long the client holds back what it sends, in milliseconds. Tests must pass at any:
 * `BROWSER_LATENCY_MS=150 cargo test -p web --test browser` proves it.
 */
const LATENCY_MS = Number(process.env.BROWSER_LATENCY_MS ?? 0);

/** How long a test waits for what must come, in milliseconds, on a machine that is busy with other things. */
const PATIENCE_MS = 60_000;

/** The tiny pages that `cargo test` serves meanwhile, see `crates/web/tests/browser/pages.rs`. */
const PAGES = { url: process.env.PAGES_URL, close() {} };

/** The binary under test, on a server of its own, with settings beside the usual ones. */
export async function startApp(settings) {
  return start(await Server.start(settings));
}

/** The tiny pages, which all test files share. */
export async function startPages() {
  pagesUrl();
  return start(PAGES);
}

/** Where they are. */
export function pagesUrl() {
  if (!PAGES.url) throw new Error("run these tests by `cargo test -p web --test browser`");
  return PAGES.url;
}

/** The tiny pages on a server of their own, with settings beside the usual ones, which may be killed and started again. */
export async function startMortalPages(settings) {
  if (!process.env.PAGES_BINARY) throw new Error("run these tests by `cargo test -p web --test browser`");
  return start(await Server.startPages(settings));
}

/** Opens the browser, and registers what has to happen after each test and after the last. */
async function start(server) {
  const app = new App(server, await openBrowser());
  afterEach(() => app.endTest());
  after(() => app.close());
  return app;
}

class App {
  #browser;
  #releaseBrowser;
  #others = [];
  #contexts = [];
  #problems = [];

  constructor(server, { browser, release }) {
    this.server = server;
    this.#browser = browser;
    this.#releaseBrowser = release;
  }

  /**
   * Opens a path in a browser of its own (cookies, storage) and returns Playwright's page.
   *
   * `context` are Playwright's options; with `outage` the test kills the server, and the console's
   * words about that are expected, with `missing` those about a page that is not there, and with
   * `refused` those about any status of 4xx or 5xx. Any
   * other error on the page fails the test at its end. `latency` simulates a slow way to the server, and `at` is
   * where a proxy before it is, or another server. `watch` is given the page before it loads anything.
   *
   * `page.click` waits first until the server has answered what was done before: the client drops
   * clicks on an element whose last event is under way, and a test must not be faster than that.
   */
  async open(path, { outage = false, missing = false, refused = false, latency = LATENCY_MS, at = this.server.url, watch = () => {}, ...context } = {}) {
    const opened = await this.#browser.newContext(context);
    this.#contexts.push(opened);
    opened.setDefaultTimeout(PATIENCE_MS);
    // Playwright cannot have Firefox run no scripts. There none of them comes.
    const isWithoutScripts = isFirefox && context.javaScriptEnabled === false;
    if (isWithoutScripts) await opened.route("**/*.js", (route) => route.abort());
    if (latency) {
      await opened.addInitScript((latency) => {
        // The client's own switch, as `liveSocket.enableLatencySim` sets it.
        const isPage = window.location.protocol.startsWith("http");
        if (isPage) sessionStorage.setItem("phx:live-socket:latency-sim", latency);
      }, String(latency));
    }
    const page = await opened.newPage();
    const clickAtOnce = page.click.bind(page);
    page.click = async (selector, options) => {
      await answered(page);
      await clickAtOnce(selector, options);
    };
    const report = (text) => {
      const expected = ((outage || isWithoutScripts) && OUTAGE.test(text)) || (missing && MISSING.test(text)) || (refused && REFUSED.test(text));
      if (!expected) this.#problems.push(`${path}: ${text}`);
    };
    page.on("pageerror", (error) => report(`uncaught ${error.stack ?? error}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") report(message.text());
    });
    await page.exposeFunction("reportViolation", report);
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.reportViolation(`refused by ${event.violatedDirective}: ${event.blockedURI}`);
      });
    });
    watch(page);
    page.response = await page.goto(at + path);
    return page;
  }

  /** Opens a live page and waits until its view has joined. */
  async openLive(path, options) {
    const page = await this.open(path, options);
    await connected(page);
    return page;
  }

  /** Another server on the database of the app's own, with the same settings. */
  async startAnother() {
    const server = await this.server.startAnother();
    this.#others.push(server);
    return server;
  }

  /** Replaces the server by one of a build with other scripts, for this page, which is loaded anew. */
  async deployScripts(page) {
    await page.evaluate(() => {
      window.before = true;
      const script = document.querySelector("script[src^='/assets/app-']");
      script.setAttribute("src", "/assets/app-0000000000000000.js");
    });
    await this.server.kill();
    await this.server.restart();
    await page.waitForFunction(() => !window.before);
    await connected(page);
  }

  async endTest() {
    const problems = this.#problems.splice(0);
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
    assert.deepEqual(problems, [], "errors in the browser's console");
  }

  async close() {
    await this.#releaseBrowser();
    for (const server of [...this.#others, this.server]) await server.close();
  }
}

/** Waits until the page's live view has joined. A view that is left for another one is joined as well. */
export async function connected(page) {
  await page.locator("[data-phx-main].phx-connected").waitFor();
}

/**
 * Waits until the view that the element stands in has joined. The class of its container does not say so: what
 * changes around a container takes the classes away that the browser has given it.
 */
export async function joined(page, selector) {
  await page.waitForFunction((selector) => {
    const element = document.querySelector(selector);
    const view = element && window.liveSocket.owner(element);
    const isItsOwn = view && view.el === element.closest("[data-phx-session]");
    return isItsOwn && !view.isJoinPending() && view.isConnected();
  }, selector);
}

/** Does what ends the page's view, and waits until another one has taken its place. */
export async function rejoins(page, act) {
  const before = await page.evaluate(() => window.liveSocket.main.joinCount);
  await act();
  await page.waitForFunction((before) => window.liveSocket.main.joinCount > before, before);
  await connected(page);
}

/** Does what has the browser load a page, and waits until it has. */
export async function loads(page, act) {
  const loaded = page.waitForEvent("load");
  await act();
  await loaded;
}

/** Loads the page anew with a clock of its own, which stands still until `page.clock` is told otherwise. */
export async function stopClock(page) {
  await page.clock.install();
  // Further on than a busy machine gets by then, and before what pages do after five seconds.
  await page.clock.pauseAt(Date.now() + 4000);
  await page.reload();
}

/** Lets so many seconds pass for a page whose clock stands still, which loads itself anew meanwhile. */
export const loadsWithin = (page, seconds) => loads(page, () => page.clock.fastForward(1000 * seconds));

/** Lets so many seconds pass for such a page, which is not loaded anew. */
export async function staysFor(page, seconds) {
  let loads = 0;
  const scripts = new Set();
  const begin = (request) => {
    loads += request.isNavigationRequest();
    if (request.url().endsWith(".js")) scripts.add(request);
  };
  const end = (request) => scripts.delete(request);
  const listeners = { request: begin, requestfinished: end, requestfailed: end };
  for (const [event, listener] of Object.entries(listeners)) page.on(event, listener);
  // What the page has asked for before has been seen by then.
  const catchUp = () => page.evaluate(() => fetch("/live/client/LICENSES.txt").then((answer) => answer.text()));
  await page.clock.fastForward(1000 * seconds);
  await catchUp();
  // It asks for its scripts before it is loaded anew.
  while (scripts.size > 0) await catchUp();
  await catchUp();
  for (const [event, listener] of Object.entries(listeners)) page.off(event, listener);
  assert.equal(loads, 0);
}

/** Waits until the element's text is exactly `text`. */
export async function hasText(page, selector, text) {
  await page.waitForFunction(
    ([selector, text]) => document.querySelector(selector)?.textContent.trim() === text,
    [selector, text],
  );
}

/** Waits until so many elements match. */
export async function hasCount(page, selector, count) {
  await page.waitForFunction(
    ([selector, count]) => document.querySelectorAll(selector).length === count,
    [selector, count],
  );
}

/** Waits until this is the page's title, which the client sets a frame after the content. */
export async function hasTitle(page, title) {
  await page.waitForFunction((title) => document.title === title, title);
}

/**
 * Watches from now on for an element that matches, however briefly it is there: who looks from outside may come too
 * late. What is returned waits until one has been seen.
 */
export async function watchFor(page, selector) {
  const seen = await page.evaluateHandle((selector) => {
    const seen = { isThere: false };
    const look = () => (seen.isThere ||= document.querySelector(selector) !== null);
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    return seen;
  }, selector);
  return () => page.waitForFunction((seen) => seen.isThere, seen);
}

/**
 * Holds the page as it is from the moment in which an element matches: what the server says waits, as it does for a
 * transition. `reached` waits for that moment, and `release` lets the page go on.
 */
export async function hold(page, selector) {
  const held = await page.evaluateHandle((selector) => {
    const held = { isReached: false };
    const released = new Promise((release) => (held.release = release));
    const look = () => {
      if (held.isReached || !document.querySelector(selector)) return;
      held.isReached = true;
      window.liveSocket.asyncTransition(released);
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    look();
    return held;
  }, selector);
  return {
    reached: () => page.waitForFunction((held) => held.isReached, held),
    release: () => held.evaluate(({ release }) => release()),
  };
}

/** Waits until no element's event is under way. */
export async function answered(page) {
  await page.locator("[data-phx-ref-src]").first().waitFor({ state: "detached" });
}

/** Waits until what matches has the focus, and will not be given it again: the client gives it twice. */
export async function hasFocus(page, selector) {
  await page.waitForFunction((selector) => document.activeElement?.matches(selector), selector);
  await focusSettled(page);
}

/** Opens the dialog of a new user, and waits until what is typed goes where it is meant to. */
export async function openDialog(page) {
  await page.click("#new");
  await hasFocus(page, "#user_name");
}

/** Waits until the client has given the focus for the second time, two frames after the first. */
async function focusSettled(page) {
  await page.evaluate(async () => {
    for (let left = 3; left > 0; left -= 1) await new Promise((done) => requestAnimationFrame(done));
  });
}

/** Clicks and waits until the server has answered and the answer is on the page. */
export async function click(page, selector) {
  await page.click(selector);
  await answered(page);
}

/** Sends an event as a click would, without touching what has the focus. For pages with an `#actor`. */
export async function push(page, event, value = {}) {
  await page.evaluate(
    ([event, value]) => {
      const actor = document.querySelector("#actor");
      window.liveSocket.execJS(actor, JSON.stringify([["push", { event, value }]]), "click");
    },
    [event, value],
  );
}

/** Does so, and waits until the answer is on the page. */
export async function act(page, event, value) {
  await push(page, event, value);
  await answered(page);
}

/** Waits until the page has noticed that it has lost its connection. */
export async function disconnected(page) {
  await page.locator("[data-phx-main]:not(.phx-connected)").waitFor();
}

/**
 * Loses the page's connection. The code says that the page will be back; without one, a browser says
 * goodbye.
 */
export async function lose(page) {
  await page.evaluate(
    () => new Promise((done) => window.liveSocket.getSocket().disconnect(done, 4000, "lost")),
  );
  await disconnected(page);
}

/** Loses the page's connection and finds it again. */
export async function reconnect(page) {
  await lose(page);
  await page.evaluate(() => window.liveSocket.connect());
  await connected(page);
}

/** The ids of an element's children, in order. */
export async function childIds(page, selector) {
  return page.locator(`${selector} > *`).evaluateAll((children) => children.map(({ id }) => id));
}

/** The texts of an element's children, in order. */
export async function childTexts(page, selector) {
  return page.locator(`${selector} > *`).allTextContents();
}

/** Marks all elements that match, so that `marked` tells them from elements made later. */
export async function mark(page, selector) {
  await page.locator(selector).evaluateAll((elements) => {
    for (const element of elements) element.markedAs = element.id;
  });
}

/** The ids of the elements that match and are the same as when they were marked. */
export async function marked(page, selector) {
  return page
    .locator(selector)
    .evaluateAll((elements) => elements.filter((e) => e.markedAs === e.id).map(({ id }) => id));
}

/** Shows a page to `look` on a wide and a narrow window, in light and dark colours. */
export async function inEachLook(page, look) {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 720 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await look(colorScheme, width);
    }
  }
}

/** Writes `assets/test/output/<name>.png` for people to look at, where they have asked for it. */
export async function screenshot(page, name) {
  if (!process.env.BROWSER_SCREENSHOTS) return;
  await page.evaluate(() => {
    const finite = (one) => one.effect.getComputedTiming().iterations !== Infinity;
    // One of an element that goes has no end.
    return Promise.allSettled(document.getAnimations().filter(finite).map((one) => one.finished)).then(() => {});
  });
  await mkdir(OUTPUT, { recursive: true });
  await page.screenshot({ path: `${OUTPUT}${name}.png`, fullPage: true });
}

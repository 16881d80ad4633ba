// Pages whose scripts do not all come: the server goes away, or another one takes its place, in between.

import assert from "node:assert/strict";
import { test } from "node:test";
import { click, connected, hasText, loadsWithin, startApp, staysFor, stopClock } from "./support/app.mjs";

const app = await startApp();

/**
 * Opens the counter; `lose` is asked what becomes of the first request for this script, once the client's own has
 * come. `prepare` is given the page before.
 */
async function openWithout(script, lose, prepare = () => {}) {
  const watch = (page) => {
    prepare(page);
    const client = page.waitForEvent("requestfinished", (request) => request.url().includes("/live/client/belvedere-"));
    page.route(script, (route) => client.then(() => lose(route)), { times: 1 });
  };
  return app.open("/counter", { outage: true, missing: true, watch });
}

async function works(page) {
  await connected(page);
  await click(page, "#inc");
  await hasText(page, "#count", "1");
}

const SCRIPTS = { "the application's script": "**/assets/app-*.js", "a script of the client": "**/live/client/phoenix-*.js" };

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`a page that ${name} did not reach says so, and works when its server is back`, async () => {
    const page = await openWithout(script, async (route) => {
      await app.server.kill();
      await route.abort("connectionrefused");
    });
    await page.locator("#connection-lost").waitFor();
    await app.server.restart();
    await works(page);
  });

  test(`a page whose server knows ${name} no more is loaded anew`, async () => {
    await works(await openWithout(script, (route) => route.fulfill({ status: 404 })));
  });
}

test("a page is loaded anew also where the browser tells of a missing script before the others run", async () => {
  const page = await openWithout("**/assets/app-*.js", (route) => route.fulfill({ status: 404 }), (page) =>
    page.addInitScript(() => window.addEventListener("error", (event) => event.stopImmediatePropagation(), { capture: true })),
  );
  await works(page);
});

test("a page that a script did not reach is loaded anew when its tab can keep no more", async () => {
  const page = await openWithout("**/assets/app-*.js", (route) => route.fulfill({ status: 404 }));
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await works(page);
});

test("a page without a live view is left as it is, whichever script did not reach it", async () => {
  const page = await app.open("/nowhere", { missing: true });
  await page.route("**/assets/app-*.js", (route) => route.fulfill({ status: 404 }));
  await stopClock(page);
  await page.unroute("**/assets/app-*.js");
  await staysFor(page, 10);
});

test("a page that connects in spite of a missing script is left as it is", async () => {
  const page = await app.openLive("/counter", { missing: true });
  await page.route("**/assets/app-*.js", (route) => route.fulfill({ status: 404 }));
  await stopClock(page);
  await page.locator("#connection-lost").waitFor();
  await page.unroute("**/assets/app-*.js");
  await page.evaluate(() => window.Belvedere.connect());
  await connected(page);
  assert.equal(await page.locator(".phx-loading, .phx-error, .phx-client-error").count(), 0);
  await staysFor(page, 10);
  await page.clock.resume();
  await works(page);
});

test("a page is loaded less often after a while when a script is missing for good", async () => {
  const page = await app.openLive("/counter", { missing: true });
  await page.route("**/assets/app-*.js", (route) => route.fulfill({ status: 404 }));
  await stopClock(page);
  const isLost = () => page.locator("#connection-lost").waitFor();
  for (let times = 10; times > 0; times -= 1) {
    await isLost();
    await loadsWithin(page, 10);
  }
  await isLost();
  await staysFor(page, 10);
  await page.unroute("**/assets/app-*.js");
  await loadsWithin(page, 30);
  await page.clock.resume();
  await works(page);
});

test("a page that the client's own script did not reach can be loaded anew by hand", async () => {
  const watch = (page) => page.route("**/live/client/belvedere-*.js", (route) => route.abort("connectionrefused"), { times: 1 });
  const page = await app.open("/counter", { outage: true, watch });
  await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
  await page.click("#connection-incomplete a");
  await works(page);
});

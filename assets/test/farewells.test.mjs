// Components that leave and come back while the browser says farewell to them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, answered, childTexts, hold, push, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

/** The element that shows a note, and none that is on its way out. */
const note = (id) => `#note-${id}:not(.leaving)`;

async function shows(page, id, clicks) {
  const lines = Array.from({ length: clicks + 1 }, (_, line) => String(line));
  await page.waitForFunction(
    ([note, clicks]) => document.querySelector(`${note} button`)?.textContent === String(clicks),
    [note(id), clicks],
  );
  assert.deepEqual(await childTexts(page, `${note(id)} ol`), lines);
}

async function clicks(page, id, count) {
  await page.click(`${note(id)} button`);
  await shows(page, id, count);
}

/** Keeps the names of the messages that the browser sends. */
async function listen(page) {
  await page.evaluate(() => {
    window.sent = [];
    window.liveSocket.socket.logger = (kind, message) => {
      if (kind === "push") window.sent.push(message.match(/ (cids_\w+) /)?.[1] ?? "");
    };
  });
}

/** Waits until the browser has said farewell in both steps, and nothing waits for an answer. */
async function farewell(page) {
  await page.waitForFunction(() => window.sent.includes("cids_destroyed"));
  await act(page, "show");
}

test("a component that is back while its element fades keeps all, and what it shows changes", async () => {
  const page = await app.openLive("/farewells");
  await listen(page);
  await clicks(page, 1, 1);
  const fading = await hold(page, "#note-1.leaving");
  await act(page, "hide");
  await fading.reached();
  await push(page, "show");
  await fading.release();
  await answered(page);
  await shows(page, 1, 1);
  await clicks(page, 1, 2);
  await page.locator("#note-1.leaving").waitFor({ state: "detached" });
  await farewell(page);
  await shows(page, 1, 2);
  await clicks(page, 1, 3);
  await reconnect(page);
  await shows(page, 1, 3);
  await clicks(page, 1, 4);
});

test("a component that faded out and is said farewell to comes back as a new one", async () => {
  const page = await app.openLive("/farewells");
  await listen(page);
  await clicks(page, 1, 1);
  await act(page, "hide");
  await page.waitForFunction(() => window.sent.includes("cids_destroyed"));
  await act(page, "hide");
  await act(page, "show");
  await shows(page, 1, 0);
  await clicks(page, 1, 1);
});

test("far from the server a farewell is late, and nothing is lost", async () => {
  const page = await app.openLive("/farewells");
  await clicks(page, 2, 1);
  await page.evaluate(() => {
    window.liveSocket.enableLatencySim(150);
    const push = (event) => ["push", { event, value: {} }];
    const commands = JSON.stringify(["take", "again", "take", "again"].map(push));
    window.liveSocket.execJS(document.querySelector("#actor"), commands, "click");
  });
  await page.waitForFunction(() => !document.querySelector("#actor[data-phx-ref-src]"));
  await shows(page, 2, 1);
  await clicks(page, 2, 2);
  await reconnect(page);
  await shows(page, 2, 2);
});

test("a row that is sent again keeps the items of the stream within it", async () => {
  const page = await app.openLive("/farewells");
  await clicks(page, 2, 1);
  await act(page, "again");
  await shows(page, 2, 1);
  await clicks(page, 2, 2);
});

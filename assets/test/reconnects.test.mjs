// The pages of a server that goes away come back one by one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, startMortalPages } from "./support/app.mjs";

const app = await startMortalPages();

test("each try has a chance of its own, later ones a longer step", async () => {
  const page = await app.openLive("/gone");
  const tries = (n) => page.evaluate((n) => {
    const { reconnectAfterMs } = window.liveSocket.socket;
    return Array.from({ length: 400 }, () => reconnectAfterMs(n));
  }, n);
  // Of 400 pages that lose one server in one moment, in milliseconds from the first to the last.
  for (const [n, from, to] of [[1, 5, 255], [2, 25, 275], [8, 500, 1500], [9, 1000, 3000], [50, 2500, 7500]]) {
    const waits = (await tries(n)).sort((a, b) => a - b);
    const [first, last] = [waits[0], waits.at(-1)];
    assert.ok(first >= from && last <= to, `try ${n}: ${first} to ${last} ms`);
    const quarters = [0, 1, 2, 3].map((q) => {
      const [start, end] = [q, q + 1].map((at) => from + ((to - from) * at) / 4);
      return waits.filter((wait) => wait >= start && wait < end).length;
    });
    assert.ok(quarters.every((count) => count > 50), `try ${n}: ${quarters}`);
  }
});

test("a page whose server is away for longer asks for it before it opens a WebSocket", async () => {
  const page = await app.openLive("/gone", { outage: true });
  let sockets = 0;
  page.on("websocket", () => (sockets += 1));
  const asked = () => page.waitForEvent("requestfailed", (request) => request.url().includes("/live/client/belvedere-"));
  const first = asked();
  await app.server.kill();
  await first;
  const before = sockets;
  await asked();
  assert.equal(sockets, before);
  const socket = page.waitForEvent("websocket");
  await app.server.restart();
  await socket;
  await connected(page);
  assert.equal(sockets, before + 1);
});

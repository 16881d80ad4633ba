// Nested views in the rows of streams, more of them than a socket joins, and containers with names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, childTexts, click, connected, hasCount, hasText, joined, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

/** Waits until the view of the box has joined. */
const boxJoined = (page, id) => joined(page, `#click-${id}`);

/** Has the view do all this at once. */
async function push(page, events) {
  await page.evaluate((events) => {
    const actor = document.querySelector("#actor");
    for (const [event, value] of events) {
      window.liveSocket.execJS(actor, JSON.stringify([["push", { event, value }]]), "click");
    }
  }, events);
  await page.waitForFunction(() => !document.querySelector("#actor[data-phx-ref-src]"));
}

/** Clicks the box once it has joined. */
async function clickBox(page, id, count) {
  await boxJoined(page, id);
  await click(page, `#click-${id}`);
  await hasText(page, `#click-${id}`, String(count));
}

const WAYS = {
  "is deleted": [["take", { id: 1 }]],
  "falls to the limit": [["put", { id: 2 }], ["put", { id: 3 }]],
  "goes with a reset": [["reset", { id: 2 }]],
  "goes with a reset to nothing": [["clear", {}]],
};

for (const kind of ["plain", "held"]) {
  for (const [name, way] of Object.entries(WAYS)) {
    test(`a view in a row that ${name} lives when the row comes again (${kind})`, async () => {
      const page = await app.openLive(`/nested/shelf/${kind}`);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await clickBox(page, 1, 1);
        for (const [event, value] of way) await act(page, event, value);
        await page.locator("#boxes-1").waitFor({ state: "detached" });
        await act(page, "put", { id: 1 });
      }
      await clickBox(page, 1, 1);
    });

    test(`it lives, too, when the row comes before the farewell does (${name}, ${kind})`, async () => {
      const page = await app.openLive(`/nested/shelf/${kind}`);
      await clickBox(page, 1, 1);
      if (way.length > 1) await act(page, ...way[0]);
      await push(page, [way.at(-1), ["put", { id: 1 }]]);
      await boxJoined(page, 1);
      const before = Number(await page.locator("#click-1").textContent());
      await clickBox(page, 1, before + 1);
    });
  }

  test(`a view in a row is as it was after a lost connection (${kind})`, async () => {
    const page = await app.openLive(`/nested/shelf/${kind}`);
    await act(page, "put", { id: 2 });
    await clickBox(page, 1, 1);
    await clickBox(page, 2, 1);
    await reconnect(page);
    await clickBox(page, 1, 2);
    await clickBox(page, 2, 2);
    await act(page, "put", { id: 1 });
    await clickBox(page, 1, 3);
  });
}

/** The marks of the box are those of its clicks. */
const marks = (page, id) => childTexts(page, `#marks-of-${id}`);

for (const kind of ["portal", "portal-named", "fades", "fades-named"]) {
  test(`a view in a row that goes is a new one when the row comes again (${kind})`, async () => {
    const page = await app.openLive(`/nested/shelf/${kind}`);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await clickBox(page, 1, 1);
      await clickBox(page, 1, 2);
      assert.deepEqual(await marks(page, 1), ["1", "2"]);
      await act(page, "take", { id: 1 });
      await page.locator("#click-1").waitFor({ state: "detached" });
      await act(page, "put", { id: 1 });
      await boxJoined(page, 1);
      await hasText(page, "#click-1", "0");
      assert.deepEqual(await marks(page, 1), []);
    }
    await clickBox(page, 1, 1);
    assert.deepEqual(await marks(page, 1), ["1"]);
  });

  test(`a view in a row that comes again at once lives (${kind})`, async () => {
    const page = await app.openLive(`/nested/shelf/${kind}`);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await clickBox(page, 1, 1);
      await push(page, [["take", { id: 1 }], ["put", { id: 1 }]]);
      await hasText(page, "#click-1", "0");
      await boxJoined(page, 1);
      assert.deepEqual(await marks(page, 1), []);
    }
    await clickBox(page, 1, 1);
    assert.deepEqual(await marks(page, 1), ["1"]);
  });
}

test("a row goes while the view in it joins, and the views of others live", async () => {
  const page = await app.openLive("/nested/shelf/plain", { latency: 150 });
  await boxJoined(page, 1);
  await push(page, [["put", { id: 2 }], ["take", { id: 2 }], ["put", { id: 3 }]]);
  await clickBox(page, 3, 1);
  await clickBox(page, 1, 1);
});

test("answers that wait for a row to fade are for those that are there then", async () => {
  const page = await app.openLive("/nested/shelf/plain", { latency: 150 });
  await boxJoined(page, 1);
  const fade = JSON.stringify([["hide", { time: 600, transition: [["leaving"], [], []] }]]);
  await page.locator("#boxes-1").evaluate((row, fade) => row.setAttribute("phx-remove", fade), fade);
  await push(page, [["put", { id: 2 }], ["take", { id: 1 }], ["take", { id: 2 }], ["put", { id: 3 }], ["put", { id: 4 }]]);
  await clickBox(page, 3, 1);
  await clickBox(page, 4, 1);
  assert.equal(await page.locator("#shelf > li").count(), 2);
});

test("a page with more nested views than its socket joins lives", async () => {
  const page = await app.openLive("/nested/many/120");
  await click(page, "#own");
  await hasText(page, "#own", "1");
  await clickBox(page, 98, 1);
  await hasCount(page, "[data-phx-parent-id]", 99);
  // As the first response had them.
  await hasCount(page, "[inert] > button", 21);
  await hasText(page, "#click-119", "0");
  await reconnect(page);
  await click(page, "#own");
  await hasText(page, "#own", "2");
  await boxJoined(page, 98);
  await hasCount(page, "[inert] > button", 21);
});

test("a view beyond the room of its socket lives when another goes", async () => {
  const page = await app.openLive("/nested/many/120");
  await clickBox(page, 0, 1);
  await act(page, "toggle");
  // Its container is there first; what it shows comes with its join.
  const woken = await page.waitForFunction(() => {
    const buttons = [...document.querySelectorAll("[data-phx-parent-id] > button")];
    return buttons.map(({ id }) => Number(id.replace("click-", ""))).find((id) => id > 98);
  });
  await hasCount(page, "[inert] > button", 20);
  await clickBox(page, await woken.jsonValue(), 1);
});

test("containers have the tag, id and class that their author gave them", async () => {
  const page = await app.openLive("/nested/many/3");
  await page.locator("main#many.wide.phx-connected > section#zeroth.named #click-0").waitFor();
  await clickBox(page, 0, 1);
  for (const attempt of ["first", "second"]) {
    await act(page, "toggle");
    await page.locator("#zeroth").waitFor({ state: "detached" });
    await act(page, "toggle");
    await clickBox(page, 0, 1);
    assert.equal(await page.locator("section#zeroth.named").count(), 1, attempt);
  }
  await clickBox(page, 1, 1);
  await reconnect(page);
  await clickBox(page, 1, 2);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await connected(other);
  await clickBox(other, 1, 1);
  await clickBox(page, 1, 3);
});

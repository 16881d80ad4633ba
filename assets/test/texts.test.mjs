// What is typed and shown: first line breaks, texts that are too long, fields that cannot be read, and
// clicks that come faster than their answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, connected, hasCount, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

/** What the elements show, as the browser has parsed it. */
function shown(page) {
  return page.evaluate(() => {
    const text = (id) => document.querySelector(`#${id}`).textContent;
    return [document.querySelector("#area").value, text("pre"), text("rows"), text("fixed")];
  });
}

/** Loses the socket as a network does, and waits until the page has another. */
async function loseSocket(page) {
  await page.evaluate(() => {
    const view = document.querySelector("[data-phx-main]");
    window.wasLost = new Promise((lost) => {
      const observer = new MutationObserver(() => {
        if (!view.classList.contains("phx-connected")) lost();
      });
      observer.observe(view, { attributes: true });
    });
    window.liveSocket.getSocket().conn.close(3000);
    return window.wasLost;
  });
  await connected(page);
}

/** Clicks so often, faster than any answer comes. */
function clickQuickly(page, selector, times) {
  return page.evaluate(
    ([selector, times]) => {
      for (let click = 0; click < times; click++) document.querySelector(selector).click();
    },
    [selector, times],
  );
}

test("a text that begins with a line break is shown whole, in the page and in a patch", async () => {
  const dead = await app.open("/texts", { javaScriptEnabled: false });
  assert.equal(await dead.inputValue("#area"), "\na\nb");
  assert.equal(await dead.locator("#pre").textContent(), "\na\nb");
  const page = await app.openLive("/texts");
  for (const [first, second] of [["\na", "\nb"], ["", "\n\nb"], ["\n", ""], ["a", "b"], ["", "\nb"]]) {
    await act(page, "show", { first, second });
    const inPre = first + (second === "" ? "\nnothing" : second);
    const both = first + second;
    assert.deepEqual(await shown(page), [both, inPre, both, "\nfixed"], JSON.stringify([first, second]));
  }
});

test("a text that is too long is said, and the page goes on", async () => {
  const page = await app.open("/texts");
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket));
  await page.reload();
  await connected(page);
  const before = sockets.length;
  for (const text of ["x".repeat(300_000), "中".repeat(100_000)]) {
    await page.fill("#note", text);
    await page.locator(".flash.error", { hasText: "too long" }).waitFor();
    const clicks = Number(await page.textContent("#click"));
    await page.click("#click");
    await hasText(page, "#click", String(clicks + 1));
    await page.fill("#note", text);
    await loseSocket(page);
    await page.click("#click");
    await hasText(page, "#click", String(clicks + 2));
    await hasText(page, "#length", "0");
  }
  assert.equal(sockets.length, before + 2, "one after each loss");
  await page.fill("#note", "short");
  await hasText(page, "#length", "5");
  await hasCount(page, ".flash.error", 0);
});

test("a field that cannot be read is said, until it can", async () => {
  const page = await app.openLive("/texts");
  for (const [age, words] of [["old", "not a whole number"], ["300", "too large"], ["", "empty"]]) {
    await page.fill("#age", age);
    await page.click("#save");
    await page.locator(".flash.error", { hasText: words }).waitFor();
  }
  await page.fill("#age", "30");
  await page.click("#save");
  await hasText(page, "#saved", "30");
  await hasCount(page, ".flash.error", 0);
});

test("quick clicks count where each counts, and once elsewhere", async () => {
  const page = await app.openLive("/texts");
  await page.evaluate(() => window.liveSocket.enableLatencySim(150));
  await clickQuickly(page, "#step", 5);
  await hasText(page, "#steps", "5");
  await clickQuickly(page, "#click", 5);
  await page.locator("#click:not([data-phx-ref-src])").waitFor();
  await hasText(page, "#click", "1");
});

test("a click on a button within an element whose clicks count is the button's", async () => {
  const page = await app.openLive("/texts");
  await page.evaluate(() => window.liveSocket.enableLatencySim(150));
  await page.evaluate(() => {
    for (const id of ["outer", "outer", "inner"]) document.getElementById(id).click();
  });
  await hasText(page, "#steps", "2");
  await hasText(page, "#click", "1");
  await page.locator("div:not([data-phx-ref-src]) > #outer").waitFor();
  await hasText(page, "#steps", "2");
});

// `/users/{id}`: a todo list by keyboard, by dragging, through the death of the server, in two tabs, and
// without JavaScript.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, connected, disconnected, hasFocus, hasText, loads, startApp } from "./support/app.mjs";
import { isFirefox } from "./support/browser.mjs";

const app = await startApp();
const html = await (await fetch(`${app.server.url}/users-fast`)).text();
const people = [...html.matchAll(/data-user-id="([^"]+)"/g)].map(([, id]) => `/users/${id}`);

/** The input in the place of an item's text. */
const RENAMED = "#items form[phx-submit=rename] input[type=text]";

/** Sends a plain form, as a browser without JavaScript does. */
const post = (path, fields) =>
  fetch(app.server.url + path, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });

/** The page of somebody whose list no other test has changed, with these tasks on it alone. */
async function openList(tasks, options) {
  const path = people.shift();
  const html = await (await fetch(app.server.url + path)).text();
  for (const [, id] of html.matchAll(/data-id="([^"]+)"/g)) {
    await post(`${path}/items`, { "row[item]": id, "row[act]": "delete" });
  }
  for (const task of tasks) await post(path, { "new[task]": task });
  const page = await app.openLive(path, options);
  await shows(page, tasks);
  return page;
}

async function add(page, task) {
  await page.locator("#new_task").fill(task);
  await page.keyboard.press("Enter");
  await page.locator(".task", { hasText: task }).waitFor();
  await answered(page);
}

const tasks = (page) => page.locator("#items .task").allTextContents();
const shows = (page, expected) =>
  page.waitForFunction(
    (expected) => [...document.querySelectorAll("#items .task")].map((e) => e.textContent).join() === expected,
    expected.join(),
  );

test("a list is kept by keyboard alone", async () => {
  const page = await openList([]);
  await page.focus("#new_task");
  await page.keyboard.type("Write");
  await page.keyboard.press("Enter");
  await shows(page, ["Write"]);
  await page.waitForFunction(() => document.querySelector("#new_task").value === "");
  await page.keyboard.type("Test");
  await page.keyboard.press("Enter");
  await shows(page, ["Write", "Test"]);
  await hasFocus(page, "#new_task");

  // The box, and the text, which is a link to the input in its place.
  await page.focus("li:first-child .check");
  await page.keyboard.press("Space");
  await page.locator("li:first-child .check[aria-checked=true]").waitFor();
  await hasFocus(page, ".check");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await hasFocus(page, RENAMED);
  await page.keyboard.press("End");
  await page.keyboard.type("!");
  await page.keyboard.press("Enter");
  await shows(page, ["Write!", "Test"]);
  await hasFocus(page, "li:first-child .task");
  await page.keyboard.press("Enter");
  await hasFocus(page, RENAMED);
  await page.keyboard.type("nothing");
  await page.keyboard.press("Escape");
  await shows(page, ["Write!", "Test"]);
  await hasFocus(page, "li:first-child .task");

  await page.focus("li:first-child [value=down]");
  await page.keyboard.press("Enter");
  await shows(page, ["Test", "Write!"]);
  await hasFocus(page, "li:last-child [value=down]");
  await hasText(page, "p[role=status]", "“Write!” is at place 2 of 2.");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await shows(page, ["Write!", "Test"]);
  await hasFocus(page, "li:first-child [value=up]");

  await page.focus("li:first-child [value=delete]");
  await page.keyboard.press("Enter");
  await shows(page, ["Test"]);
  await hasFocus(page, ".undo [id^=undo-]");
  await page.keyboard.press("Enter");
  await shows(page, ["Write!", "Test"]);
  await hasFocus(page, "li:first-child .task");

  await page.focus("li:last-child [value=delete]");
  await page.keyboard.press("Enter");
  await hasFocus(page, ".undo [id^=undo-]");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator(".undo").waitFor({ state: "detached" });
  await hasFocus(page, "h1");
});

test("what is wrong stands at the field, and the text in it", async () => {
  const page = await openList([]);
  await page.fill("#new_task", "   ");
  await page.keyboard.press("Enter");
  await page.locator(".error", { hasText: "says nothing yet" }).waitFor();
  await page.fill("#new_task", "x".repeat(201));
  await page.keyboard.press("Enter");
  await page.locator(".error", { hasText: "is too long" }).waitFor();
  assert.equal((await page.inputValue("#new_task")).length, 201);
  await hasFocus(page, "#new_task");
});

test("a row is dragged to its place, and put back by Escape", async () => {
  const page = await openList(["One", "Two", "Three"]);
  const middle = async (selector) => {
    const { x, y, width, height } = await page.locator(selector).boundingBox();
    return [x + width / 2, y + height / 2];
  };
  const drag = async (from, to) => {
    await page.mouse.move(...(await middle(`li:nth-child(${from}) .handle`)));
    await page.mouse.down();
    const [x, y] = await middle(`li:nth-child(${to}) .handle`);
    await page.mouse.move(x, y + (to > from ? 5 : -5), { steps: 4 });
  };
  await drag(1, 3);
  // Rows make room at once.
  await shows(page, ["Two", "Three", "One"]);
  await page.mouse.up();
  await hasText(page, "p[role=status]", "“One” is at place 3 of 3.");
  await drag(3, 2);
  await page.mouse.up();
  await hasText(page, "p[role=status]", "“One” is at place 2 of 3.");
  await drag(1, 3);
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await shows(page, ["Two", "One", "Three"]);
  await page.reload();
  await connected(page);
  assert.deepEqual(await tasks(page), ["Two", "One", "Three"]);
  assert.equal(await page.locator(".dragged").count(), 0);
});

test("a second finger does not touch what the first one drags", { skip: isFirefox && "Playwright has no fingers there" }, async () => {
  const page = await openList(["One", "Two", "Three"], { hasTouch: true });
  const touch = await page.context().newCDPSession(page);
  const send = (type, ...touchPoints) => touch.send("Input.dispatchTouchEvent", { type, touchPoints });
  const handle = async (place, id, down = 0) => {
    const { x, y, width, height } = await page.locator(`li:nth-child(${place}) .handle`).boundingBox();
    return { x: x + width / 2, y: y + height / 2 + down, id };
  };
  const [first, second, end] = [await handle(1, 0), await handle(3, 1), await handle(3, 0, 5)];
  await page.evaluate(() => {
    window.seen = [];
    for (const name of ["pointerdown", "pointermove", "pointerup"]) {
      window.addEventListener(name, () => window.seen.push(name));
    }
  });
  const seen = (...names) => page.waitForFunction((names) => window.seen.join().endsWith(names), names.join());
  await send("touchStart", first);
  await send("touchStart", first, second);
  await seen("pointerdown", "pointerdown");
  const moved = { ...second, y: end.y + 100 };
  await send("touchMove", first, moved);
  await seen("pointermove");
  assert.deepEqual(await tasks(page), ["One", "Two", "Three"]);
  await send("touchEnd", moved);
  await seen("pointerup");
  assert.equal(await page.locator(".dragged").count(), 1);
  await send("touchMove", end);
  await shows(page, ["Two", "Three", "One"]);
  await send("touchEnd", end);
  await hasText(page, "p[role=status]", "“One” is at place 3 of 3.");
  assert.equal(await page.locator(".dragged").count(), 0);
});

test("what somebody else deletes goes at once, also in the middle of a drag", async () => {
  const page = await openList(["One", "Two", "Three"]);
  const other = await app.openLive(new URL(page.url()).pathname);
  const box = await page.locator("li:first-child .handle").boundingBox();
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  await page.mouse.move(box.x + 5, box.y + 60, { steps: 4 });
  await other.locator("[aria-label='Delete: One']").click();
  await shows(other, ["Two", "Three"]);
  await shows(page, ["Two", "Three"]);
  await page.mouse.up();
  await shows(page, ["Two", "Three"]);

  // Each tab has a view of its own, which lives on.
  await add(page, "Four");
  await shows(page, ["Two", "Three", "Four"]);
  await other.locator("[id^=undo-]").click();
  await shows(other, ["One", "Two", "Three", "Four"]);
  await shows(page, ["One", "Two", "Three", "Four"]);
});

test("another item is renamed from its own text", async () => {
  const page = await openList(["One", "Two"]);
  await page.click("li:first-child .task");
  await hasFocus(page, RENAMED);
  await page.keyboard.type("s");
  await page.click("li:last-child .task");
  await hasFocus(page, "li:last-child form[phx-submit=rename] input");
  assert.equal(await page.inputValue(RENAMED), "Two");
  await page.keyboard.press("End");
  await page.keyboard.type("!");
  await page.keyboard.press("Enter");
  await shows(page, ["One", "Two!"]);
});

test("what was typed survives the death of the server, in its place", async () => {
  const page = await openList(["One", "Two"], { outage: true });
  await page.click("li:last-child .task");
  await hasFocus(page, RENAMED);
  await page.locator(RENAMED).pressSequentially(" and a half");
  await page.fill("#new_task", "Thr");
  await answered(page);
  await app.server.kill();
  await disconnected(page);
  await page.locator("#new_task").pressSequentially("ee");
  await app.server.restart();
  await connected(page);
  await answered(page);
  assert.match(await page.inputValue(RENAMED), /and a half/);
  await page.focus("#new_task");
  await page.keyboard.press("Enter");
  await page.locator(".task", { hasText: "Three" }).waitFor();
  await hasFocus(page, "#new_task");
  await page.focus(RENAMED);
  await page.keyboard.press("Enter");
  await page.locator(".task", { hasText: "and a half" }).waitFor();
  assert.equal((await tasks(page)).length, 3);
});

test("without JavaScript the list is kept as well", async () => {
  const page = await app.open(people.shift(), { javaScriptEnabled: false });
  const first = () => page.locator("#items > li").first();
  const click = (locator) => loads(page, () => locator.click());
  const n_items = await page.locator("#items > li").count();
  await page.locator("#new_task").fill("Last");
  await click(page.locator("#new--form button"));
  assert.equal(await page.locator("#items > li").count(), n_items + 1);
  assert.equal(await page.locator("#items > li").last().locator(".task").textContent(), "Last");
  for (let place = n_items; place > 0; place -= 1) {
    await click(page.locator("li", { hasText: "Last" }).locator("[value=up]"));
  }
  assert.equal(await first().locator(".task").textContent(), "Last");
  await click(first().locator(".check"));
  assert.equal(await first().locator(".check").getAttribute("aria-checked"), "true");
  await click(first().locator(".task"));
  await page.locator(RENAMED).fill("First");
  await click(page.locator("#items form[phx-submit=rename] button"));
  assert.equal(await first().locator(".task").textContent(), "First");
  await click(first().locator("[value=delete]"));
  assert.equal(await page.locator("#items > li").count(), n_items);
});

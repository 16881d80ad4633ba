// `/users`: a table whose search, order, page and dialog stand in the URL.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, connected, hasCount, hasFocus, hasText, hasTitle, loads, startApp } from "./support/app.mjs";

const app = await startApp();

const path = (page) => page.evaluate(() => window.location.href.slice(window.location.origin.length));
const at = (page, expected) => page.waitForURL((url) => url.pathname + url.search === expected);
const names = (page) => page.locator("#users tbody th").allTextContents();

/** Waits until the table has this many rows. */
const hasRows = (page, count) => hasCount(page, "#users tbody tr", count);

async function save(page, name, age) {
  await hasFocus(page, "#user_name");
  await page.fill("#user_name", name);
  await page.fill("#user_age", age);
  await page.press("#user_age", "Enter");
  await answered(page);
}

test("search, order and page go back and forward, and survive a reload", async () => {
  const page = await app.openLive("/users");
  await hasText(page, "#users caption", "20 users");
  // There is no page before the first: a click leads nowhere.
  await page.locator("#previous-page").click({ force: true });
  await answered(page);
  await page.focus("#next-page");
  await page.keyboard.press("Enter");
  await at(page, "/users?page=2");
  await page.locator("#next-page[aria-disabled]").waitFor();
  // The focus stays where there is no link any more.
  await hasFocus(page, "#next-page");
  const second = await names(page);
  await page.click("#users thead th:nth-of-type(2) a");
  await at(page, "/users?sort=age");
  const byAge = await names(page);
  assert.notDeepEqual(byAge, second);
  const wanted = byAge[0].slice(0, 3).toUpperCase();
  await page.locator("#search [name='q']").pressSequentially(wanted, { delay: 5 });
  await page.waitForURL((url) => url.searchParams.get("q") === wanted);
  await answered(page);
  const found = await names(page);
  assert.ok(found.includes(byAge[0]) && found.length < 10, found.join());
  assert.equal(await page.evaluate(() => document.activeElement?.name), "q", "typing goes on");

  await page.goBack();
  await at(page, "/users?page=2");
  await page.waitForFunction((first) => document.querySelector("#users tbody th").textContent === first, second[0]);
  await page.goForward();
  await page.waitForFunction(() => document.querySelector("#search [name='q']").value !== "");
  await hasRows(page, found.length);
  assert.deepEqual(await names(page), found);
  await page.reload();
  await connected(page);
  assert.deepEqual(await names(page), found);
});

test("a list is where it was scrolled to when one comes back from a page", async () => {
  const page = await app.openLive("/users?sort=age", { viewport: { width: 600, height: 300 } });
  await page.evaluate(() => window.scrollTo(0, 200));
  await page.waitForFunction(() => window.history.state?.scroll > 0);
  // A click by mouse would scroll to the link first.
  await page.locator("header nav a[href='/counter']").evaluate((link) => link.click());
  await hasText(page, "h1", "Counter");
  await page.goBack();
  await hasText(page, "h1", "Users");
  await page.waitForFunction(() => Math.abs(window.scrollY - 200) < 2);
  assert.equal(await path(page), "/users?sort=age");
});

test("the keyboard alone opens a dialog, fills it and comes back", async () => {
  const page = await app.openLive("/users?sort=age&page=2");
  await page.focus("#new");
  await page.keyboard.press("Enter");
  await at(page, "/users/new?sort=age&page=2");
  await hasFocus(page, "#user_name");
  await hasTitle(page, "New user · Belvedere");
  // The focus stays in the dialog.
  await page.keyboard.press("Shift+Tab");
  await hasFocus(page, "#person-close");
  await page.keyboard.press("Escape");
  await at(page, "/users?sort=age&page=2");
  await hasFocus(page, "#new");

  await page.keyboard.press("Enter");
  await hasFocus(page, "#user_name");
  await page.keyboard.type("Keyboard Kay");
  await page.keyboard.press("Tab");
  await page.keyboard.type("200");
  await page.keyboard.press("Enter");
  await hasText(page, "#person .error:not(:empty)", "is not between 0 and 150");
  await hasFocus(page, "#user_age");
  // Until the form is answered, nothing can be typed into it.
  await answered(page);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("20");
  await page.keyboard.press("Enter");
  await at(page, "/users?sort=age&page=2");
  await hasText(page, "#flash .flash", "Keyboard Kay was saved.");
  await hasFocus(page, "#new");
  await hasText(page, "#users caption", "21 users");

  await page.goto(`${app.server.url}/users?q=keyboard`);
  await connected(page);
  await page.focus(".row-actions a");
  const opener = await page.evaluate(() => document.activeElement.id);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#user_name")?.value === "Keyboard Kay");
  await page.goBack();
  await hasFocus(page, `#${opener}`);
});

test("the back button never opens a dialog that was closed, and its opener may be gone", async () => {
  const page = await app.openLive("/");
  await page.click("header nav a[href='/users']");
  await at(page, "/users");
  await page.click("#new");
  await save(page, "Back Bo", "30");
  await at(page, "/users");
  await page.fill("#search [name='q']", "back bo");
  await at(page, "/users?q=back+bo");
  await page.click("#new");
  await at(page, "/users/new?q=back+bo");
  await page.keyboard.press("Escape");
  await at(page, "/users?q=back+bo");
  await hasFocus(page, "#new");

  // A row that the list no longer has takes its button along.
  await page.focus(".row-actions a");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#user_name")?.value === "Back Bo");
  await save(page, "Bert", "30");
  await at(page, "/users?q=back+bo");
  await hasRows(page, 0);
  await hasFocus(page, "h1");

  for (let left = 10; left > 0 && new URL(page.url()).pathname !== "/"; left -= 1) {
    await page.goBack();
    await answered(page);
    assert.equal(await page.locator("[role=dialog]").count(), 0, page.url());
    assert.ok(["/users", "/"].includes(new URL(page.url()).pathname), page.url());
  }
  await hasText(page, "header nav [aria-current]", "Home");
});

test("what is taken is said at its field, and a deletion can be undone", async () => {
  const page = await app.openLive("/users/new");
  await save(page, "Ann Twice", "30");
  await at(page, "/users");
  await page.click("#new");
  await save(page, "ANN TWICE", "31");
  await hasText(page, "#user_name--error", "belongs to another user already");
  await page.click("#person-close");
  await page.locator("#person").waitFor({ state: "detached" });
  await page.fill("#search [name='q']", "twice");
  await hasRows(page, 1);

  page.once("dialog", (dialog) => dialog.dismiss());
  await page.click(".row-actions button");
  assert.equal((await names(page)).length, 1, "who was asked said no");
  page.once("dialog", (dialog) => dialog.accept());
  await page.click(".row-actions button");
  await hasRows(page, 0);
  await hasText(page, "#users caption", "Nobody was found");
  await hasFocus(page, "[id^=undo-]");
  await page.keyboard.press("Enter");
  await hasRows(page, 1);
  await hasCount(page, ".undo", 0);
  await hasFocus(page, ".row-actions [id^=edit-]");

  page.once("dialog", (dialog) => dialog.accept());
  await page.click(".row-actions button");
  await hasFocus(page, "[id^=undo-]");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator(".undo").waitFor({ state: "detached" });
  await hasFocus(page, "h1");
});

test("a killed server takes no half-typed name along", async () => {
  const page = await app.openLive("/users/new?sort=age", { outage: true });
  await page.locator("#user_name").pressSequentially("Half a na");
  await answered(page);
  await app.server.kill();
  await page.locator("#connection-lost").waitFor({ state: "visible" });
  await app.server.restart();
  await connected(page);
  await answered(page);
  assert.equal(await page.inputValue("#user_name"), "Half a na");
  await hasFocus(page, "#user_name");
  await page.locator("#user_name").pressSequentially("me");
  await page.fill("#user_age", "40");
  await page.press("#user_age", "Enter");
  await at(page, "/users?sort=age");
  await hasText(page, "#flash .flash", "Half a name was saved.");
});

test("without JavaScript the list and its dialogs are pages", async () => {
  const page = await app.open("/users", { javaScriptEnabled: false });
  const click = (selector) => loads(page, () => page.click(selector));
  await click("#next-page");
  assert.equal(new URL(page.url()).search, "?page=2");
  await click("#users thead th:nth-of-type(2) a");
  await page.fill("#search [name='q']", "a");
  await loads(page, () => page.press("#search [name='q']", "Enter"));
  assert.equal(new URL(page.url()).search, "?q=a&sort=age");
  await click("#new");
  await page.fill("#user_name", "Plain Pam");
  await page.fill("#user_age", "50");
  await click("#user--form button");
  assert.equal(new URL(page.url()).search, "?q=a&sort=age");
  await page.goto(`${app.server.url}/users?q=plain+pam`);
  assert.deepEqual(await page.locator("#users tbody th").allTextContents(), ["Plain Pam"]);
  await click(".row-actions button");
  await page.goto(`${app.server.url}/users?q=plain+pam`);
  assert.equal(await page.locator("#users tbody tr").count(), 0);
});

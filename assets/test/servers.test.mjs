// Two browsers on two servers that share a database and hear each other over NATS.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answered, connected, hasText, loads, openDialog, startApp, startMortalPages } from "./support/app.mjs";
import { Nats } from "./support/nats.mjs";

const nats = await Nats.start();
after(() => nats.kill());
const PASSWORD = "eight letters";
const app = await startApp({ NATS_URL: nats.url, INSPECTOR_PASSWORD: PASSWORD });
const second = await app.startAnother();
const pages = await startMortalPages({ NATS_URL: nats.url });
const others = await pages.startAnother();

const own = (page) => page.textContent("#company strong");

const add = async (page, name) => {
  await openDialog(page);
  await page.fill("#user_name", name);
  await page.fill("#user_age", "40");
  await page.press("#user_age", "Enter");
  await answered(page);
};

const first = (page, name) => hasText(page, "#users tbody tr:first-child th", name);

test("people on two servers see each other and what each does", async () => {
  const ann = await app.openLive("/users");
  const bob = await app.openLive("/users", { at: second.url });
  assert.notEqual(new URL(ann.url()).port, new URL(bob.url()).port);
  await hasText(ann, "#company span", await own(bob));
  await hasText(bob, "#company span", await own(ann));
  await add(ann, "Aaron Aardvark");
  await first(bob, "Aaron Aardvark");
  await add(bob, "Aaron Aaby");
  await first(ann, "Aaron Aaby");
  await bob.close();
  await ann.waitForFunction(() => document.querySelector("#company").textContent.includes("the only one here"));
});

test("who signs out of the inspector on one server is out on both, and so is a copied cookie", async () => {
  const own = await app.open("/inspector/sign-in");
  await own.fill("[type=password]", PASSWORD);
  await loads(own, () => own.click("form button"));
  // Nothing of it goes on: the view is lost, and the page is loaded anew.
  const counter = async (page, at) => {
    await page.goto(`${at}/counter`);
    await connected(page);
    await page.click("#inc");
    await hasText(page, "#count", "1");
    const counted = { page, loads: 0 };
    page.on("load", () => (counted.loads += 1));
    return counted;
  };
  const cookies = await own.context().cookies();
  const copy = await app.open("/health/live", { outage: true, refused: true });
  await copy.context().addCookies(cookies);
  const counters = [];
  for (const { url } of [app.server, second]) {
    for (const page of [own, copy]) counters.push(await counter(await page.context().newPage(), url));
  }
  const others = [];
  for (const page of [own, copy]) {
    const other = await page.context().newPage();
    await other.goto(`${second.url}/inspector/live`);
    await connected(other);
    others.push(other);
  }

  await loads(own, () => own.click('form[action$="sign-out"] button'));
  for (const other of others) await other.waitForURL("**/inspector/sign-in");
  for (const { page } of counters) {
    await hasText(page, "#count", "0");
    await connected(page);
  }
  assert.deepEqual(
    counters.map((counted) => counted.loads),
    [1, 1, 1, 1],
  );
  const [session] = cookies.map((cookie) => cookie.value);
  for (const page of [own, copy]) {
    const [after] = await page.context().cookies();
    assert.notEqual(after.value, session);
  }
});

test("a session that the application ends on one server is over on the other", async () => {
  const ann = await pages.openLive("/guests/door", { outage: true, refused: true });
  await ann.fill("#name", "Ann");
  await loads(ann, () => ann.press("#name", "Enter"));
  const elsewhere = await ann.context().newPage();
  await elsewhere.goto(`${others.url}/guests`);
  for (const page of [ann, elsewhere]) {
    await hasText(page, "h1", "Guest Ann");
    await connected(page);
  }
  const keeper = await pages.openLive("/guests/keeper", { at: others.url });
  let nLoads = 0;
  for (const page of [ann, elsewhere]) page.on("load", () => (nLoads += 1));
  await keeper.click("#out-Ann");
  for (const page of [ann, elsewhere]) {
    await hasText(page, "h1", "Who are you?");
    await connected(page);
  }
  assert.equal(nLoads, 2);
});

test("while NATS is away each goes on by itself, and reads anew when it is back", async () => {
  const ann = await app.openLive("/users");
  const bob = await app.openLive("/users", { at: second.url });
  await hasText(ann, "#company span", await own(bob));
  await hasText(bob, "#company span", await own(ann));
  await nats.kill();
  await add(ann, "Aaron Aaa");
  await first(ann, "Aaron Aaa");
  assert.notEqual(await bob.textContent("#users tbody tr:first-child th"), "Aaron Aaa");
  await nats.restart();
  await first(bob, "Aaron Aaa");
  await hasText(bob, "#company span", await own(ann));
});

// `/users/import`: a file is dropped, looked at and imported, whatever becomes of the page meanwhile; and the
// export of all users is a file.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { click, connected, disconnected, hasText, screenshot, startApp } from "./support/app.mjs";

/** Where the server keeps what is dropped. */
const uploads = await mkdtemp(join(tmpdir(), "uploads-"));
// So long that a stop never cuts an import.
const app = await startApp({ TMPDIR: uploads, STOP_SECONDS: "300" });
after(() => rm(uploads, { recursive: true, force: true }));

/** A file of so many users, each with an item. */
function people(count, letter) {
  const lines = Array.from({ length: count }, (_, n) => `${letter}${n},${n % 100},"Task ""${n}""",${n % 2 === 0}`);
  return `name,age,task,completed\n${lines.join("\n")}\n`;
}

/** Drops a file as a person does. */
async function drop(page, name, text) {
  await page.evaluate(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name, { type: "text/csv" }));
      const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.querySelector("#import").dispatchEvent(drop);
    },
    [name, text],
  );
}

/** Drops a file, waits until it was looked at, and halves it. */
async function dropHalf(page, text) {
  await drop(page, "people.csv", text);
  await page.locator("#start").waitFor();
  return halve(text);
}

/**
 * Half of a file that was dropped is on its way again: an import of it stands in the middle, until what is returned is
 * called.
 */
async function halve(text) {
  const path = await uploaded(text);
  await rm(path);
  execFileSync("mkfifo", [path]);
  // Opened once somebody reads it.
  const pipe = createWriteStream(path);
  // The server may be killed before it has read it.
  pipe.on("error", () => {});
  const half = text.length / 2;
  pipe.write(text.slice(0, half));
  return () => pipe.end(text.slice(half));
}

/** Where a file lies that was dropped. */
async function uploaded(text) {
  for (const name of await readdir(uploads, { recursive: true })) {
    const path = join(uploads, name);
    if ((await stat(path)).isFile() && (await readFile(path, "utf8")) === text) return path;
  }
  throw new Error("it does not lie there");
}

/** Begins the import, and waits until some lines are read. */
async function begin(page) {
  await page.click("#start");
  await page.locator(".import[data-state='runs'] progress:not([value='0'])").waitFor();
}

/** Collects the values of the file's progress bar as they are shown. */
async function watch(page) {
  await page.evaluate(() => {
    window.seen = [];
    new MutationObserver(() => {
      const bar = document.querySelector(".entry progress");
      if (bar) window.seen.push(bar.value);
    }).observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true });
  });
}

const seen = (page) => page.evaluate(() => new Set(window.seen.filter((value) => value > 0 && value < 100)).size);

const users = async (page) => page.textContent("#users caption");

test("a file that is wrong is told about, line by line", async () => {
  const page = await app.openLive("/users/import");
  await screenshot(page, "import-empty");
  await drop(page, "wrong.csv", `name,age\nAnn,x\n"Bob,7\n,9\n${"Cleo\n".repeat(40)}`);
  await page.locator("#problems").waitFor();
  await hasText(page, "#verdict", "Nothing can be saved: 43 problems. Mend the file, and choose it again.");
  assert.deepEqual(await page.locator("#problems tbody tr:first-child td").allTextContents(), [
    "2",
    "age",
    "This is not a whole number from 0 to 150.",
  ]);
  await hasText(page, "#more-problems", "… and 23 more problems.");
  await screenshot(page, "import-problems");
  await page.setViewportSize({ width: 360, height: 800 });
  await screenshot(page, "import-problems-360");
});

test("a file is dropped, seen on its way, looked at and imported; its rows can be exported", async () => {
  const page = await app.openLive("/users");
  await click(page, "#import");
  await page.waitForURL("**/users/import");
  await connected(page);
  await watch(page);
  const text = people(50_000, "A");
  await drop(page, "people.csv", text);
  await page.locator("#start").waitFor();
  assert.ok((await seen(page)) > 0, "the upload is seen on its way");
  await hasText(page, "#verdict", "50,000 users with 50,000 todo items will be saved.");
  assert.deepEqual(await page.locator("#preview tbody tr:first-child > *").allTextContents(), ["A0", "0", 'Task "0"', "yes"]);
  await screenshot(page, "import-preview");
  await page.setViewportSize({ width: 360, height: 800 });
  await screenshot(page, "import-preview-360");
  await page.setViewportSize({ width: 1100, height: 800 });

  const letGo = await halve(text);
  await begin(page);
  await screenshot(page, "import-running");
  // A reload changes nothing.
  await page.reload();
  await connected(page);
  await page.locator(".import[data-state='runs']").waitFor();
  letGo();
  await page.locator(".import[data-state='done']").waitFor();
  assert.match(await page.textContent(".import p"), /has imported 50,000 users\.$/);
  await screenshot(page, "import-done");

  const list = await app.openLive("/users?q=A4999");
  assert.equal(await users(list), "11 users");
  const [download] = await Promise.all([list.waitForEvent("download"), list.click("#export")]);
  assert.equal(download.suggestedFilename(), "users.csv");
  const lines = (await readFile(await download.path(), "utf8")).split("\r\n");
  assert.equal(lines[0], "\ufeffname,age,task,completed");
  assert.ok(lines.includes('A49999,99,"Task ""49999""",false'));
  assert.ok(lines.length > 50_000);
  assert.equal(await list.locator("[data-phx-main].phx-connected").count(), 1, "the page lives on");
});

const GIVEN_UP =
  "The server was restarted before the import was through. Nothing was saved: choose the file again.";

test("an import that an orderly stop ends leaves nothing, and the page says so at the next server", async () => {
  const page = await app.openLive("/users/import", { outage: true });
  const list = await app.openLive("/users", { outage: true });
  const before = await users(list);
  const letGo = await dropHalf(page, people(50_000, "D"));
  await begin(page);
  const stopped = app.server.stop();
  // Pages are asked to move once the import was told to end.
  await disconnected(page);
  letGo();
  await stopped;
  await app.server.restart();
  await connected(page);
  await hasText(page, ".import[data-state='given-up'] p", GIVEN_UP);
  await screenshot(page, "import-given-up");
  await list.reload();
  await connected(list);
  assert.equal(await users(list), before);
});

test("an import is cancelled, and one whose server is killed leaves nothing", async () => {
  const page = await app.openLive("/users/import", { outage: true });
  const list = await app.openLive("/users", { outage: true });
  const before = await users(list);
  const letGo = await dropHalf(page, people(50_000, "B"));
  await begin(page);
  await page.click(".import[data-state='runs'] button");
  // It has ended by now if it was still at its first half.
  await page.locator(".import:is([data-state='stops'], [data-state='cancelled'])").waitFor();
  letGo();
  await page.locator(".import[data-state='cancelled']").waitFor();
  await hasText(page, ".import[data-state='cancelled'] p", "The import was cancelled. Nothing was saved.");

  const other = await app.openLive("/users/import", { outage: true });
  await dropHalf(other, people(50_000, "C"));
  await begin(other);
  await app.server.kill();
  await app.server.restart();
  await connected(other);
  await other.locator(".import[data-state='unheard']").waitFor();
  const last = other.locator(".import").last();
  await last.and(other.locator("[data-state='given-up']")).waitFor({ timeout: 60_000 });
  assert.equal(await last.locator("p").first().textContent(), GIVEN_UP);
  await list.reload();
  await connected(list);
  assert.equal(await users(list), before);
});

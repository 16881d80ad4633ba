// Files: chosen, dropped, previewed, sent with their form or at once, cancelled, refused. The names of the
// tests say what the client's own tests of its uploads expect of a server, and the numbers are theirs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, click, hasCount, hasText, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

const INPUT = "#files input[type=file]";

const file = (name, text = "this is a test", mimeType = "text/plain") => ({ name, mimeType, buffer: Buffer.from(text) });

/** A picture of one red dot. */
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

/** Chooses files in the dialogue of the input, and waits for the answer. */
async function choose(page, ...files) {
  await page.setInputFiles(INPUT, files);
  await answered(page);
}

/** Drops files as a person does, or gives them to the input as a hook does with `this.upload`. */
async function give(page, how, ...files) {
  const described = files.map(({ name, mimeType, buffer }) => [name, mimeType, buffer.toString("base64")]);
  await page.evaluate(
    ([how, files]) => {
      const transfer = new DataTransfer();
      const bytes = (content) => Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      for (const [name, type, content] of files) transfer.items.add(new File([bytes(content)], name, { type }));
      if (how === "drop") {
        const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector("#drop").dispatchEvent(drop);
      } else {
        const input = document.querySelector("input[type=file][data-phx-upload-ref]");
        const detail = { files: [...transfer.files] };
        input.dispatchEvent(new CustomEvent("track-uploads", { bubbles: true, detail }));
      }
    },
    [how, described],
  );
  await answered(page);
}

/** The names that match, once there are so many. */
async function names(page, selector, count) {
  await hasCount(page, selector, count);
  return page.locator(selector).evaluateAll((found) => found.map((one) => one.dataset.name ?? one.textContent));
}

const entries = (page, count) => names(page, ".entry", count);
const taken = (page, count) => names(page, "#taken li", count);
const progress = (page, value) => page.locator(`progress[value='${value}']`).waitFor();

test("a file is sent with its form, which shows that it is at work", async () => {
  const page = await app.openLive("/uploads/form");
  await page.evaluate(() => {
    window.seen = [];
    const see = ([{ target }]) => window.seen.push([...target.classList].join(" "));
    for (const element of document.querySelectorAll("#files, #files input")) {
      new MutationObserver(see).observe(element, { attributes: true, attributeFilter: ["class"] });
    }
  });
  await choose(page, file("file.txt"));
  await progress(page, 0);
  assert.equal(await page.locator("#taken li").count(), 0, "nothing is sent yet");
  await click(page, "#save");
  assert.deepEqual(await taken(page, 1), ["file.txt"]);
  assert.equal(await page.getAttribute("#taken li", "title"), "this is a test");
  const seen = await page.evaluate(() => window.seen);
  for (const shown of ["phx-change-loading", "phx-submit-loading", ""]) assert(seen.includes(shown), shown);
  assert.deepEqual(await entries(page, 0), []);
});

test("a file is dropped", async () => {
  const page = await app.openLive("/uploads/form");
  await give(page, "drop", file("file.txt"));
  await click(page, "#save");
  assert.deepEqual(await taken(page, 1), ["file.txt"]);
  assert.equal(await page.getAttribute("#taken li", "title"), "this is a test");
});

test("a place that takes files shows that they are held over it, and not over what lies in it", async () => {
  const page = await app.openLive("/uploads/form");
  /** Which of a drag's events an element gets, and whether the place shows it then. */
  const drag = (selector, type) =>
    page.evaluate(
      async ([selector, type]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["x"], "file.txt", { type: "text/plain" }));
        const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
        document.querySelector(selector).dispatchEvent(event);
        // Classes come and go with the next frame.
        for (let n = 0; n < 2; n += 1) await new Promise(requestAnimationFrame);
        return document.querySelector("#drop").classList.contains("phx-drop-target-active");
      },
      [selector, type],
    );
  assert.equal(await drag("#drop", "dragenter"), true);
  assert.equal(await drag("#inner", "dragenter"), true);
  assert.equal(await drag("#drop", "dragleave"), true, "over what lies in it");
  assert.equal(await drag("#inner", "dragleave"), false, "and gone");
});

test("several files are sent at once", async () => {
  const page = await app.openLive("/uploads/form");
  await choose(page, file("file.txt"), file("file.md", "## markdown", "text/markdown"));
  await click(page, "#save");
  assert.deepEqual((await taken(page, 2)).sort(), ["file.md", "file.txt"]);
});

test("too many files, and files of another type, say so and are not sent", async () => {
  const page = await app.openLive("/uploads/form");
  await choose(page, ...["a.txt", "b.md", "c.txt"].map((name) => file(name)));
  await hasText(page, "strong", "Too many files; at most 2 may be chosen.");
  await page.click("#save");
  assert.equal(await page.textContent("#saves"), "0");
  await click(page, ".cancel");
  await page.locator("strong").waitFor({ state: "detached" });
  await click(page, "#save");
  assert.equal((await taken(page, 2)).length, 2);

  const other = await app.openLive("/uploads/form");
  await choose(other, file("file.html", "<h1>Hi</h1>", "text/html"));
  await hasText(other, ".error", "Files of this type are not accepted.");
});

test("too many files of an automatic upload: what is left after one is removed is sent with the form", async () => {
  const page = await app.openLive("/uploads/auto");
  await choose(page, ...["a.txt", "b.md", "c.md"].map((name) => file(name)));
  await hasText(page, "strong", "Too many files; at most 2 may be chosen.");
  for (let n = 0; n < 2; n += 1) await page.click("#save");
  assert.deepEqual([await page.textContent("#saves"), await page.locator("#taken li").count()], ["0", 0]);
  await click(page, ".entry[data-name='c.md'] .cancel");
  await page.locator("strong").waitFor({ state: "detached" });
  await click(page, "#save");
  assert.deepEqual((await taken(page, 2)).sort(), ["a.txt", "b.md"]);
});

test("a file that nobody takes says so, and its form is not sent until it is cancelled", async () => {
  const page = await app.openLive("/uploads/forgets");
  await choose(page, file("file.txt"));
  await hasText(page, ".error", "The file has waited for too long. Please choose it again.");
  await page.click("#save");
  assert.equal(await page.textContent("#saves"), "0");
  await click(page, ".cancel");
  await entries(page, 0);
  await click(page, "#save");
  await hasText(page, "#saves", "1");
});

test("a file is sent as soon as it is chosen", async () => {
  const page = await app.openLive("/uploads/auto");
  await choose(page, file("file.txt"));
  await progress(page, 100);
  await click(page, "#save");
  assert.deepEqual(await taken(page, 1), ["file.txt"]);
});

test("a large file shows how far it is, and arrives as it was", async () => {
  const page = await app.openLive("/uploads/auto");
  await page.evaluate(() => {
    window.steps = [];
    const look = () => window.steps.push(document.querySelector("progress")?.value);
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
  });
  const text = Array.from({ length: 100_000 }, (_, line) => `line ${line}\n`).join("");
  await choose(page, file("large.txt", text));
  await progress(page, 100);
  const steps = await page.evaluate(() => window.steps);
  assert(steps.some((step) => step > 0 && step < 100), `${steps}`);
  await click(page, "#save");
  await taken(page, 1);
  assert.equal(await page.getAttribute("#taken li", "title"), text);
});

test("3115: a file that was cancelled does not come back with the next", async () => {
  const page = await app.openLive("/uploads/form");
  await choose(page, file("file.txt"));
  await click(page, ".cancel");
  await choose(page, file("file.md", "## markdown", "text/markdown"));
  assert.deepEqual(await entries(page, 1), ["file.md"]);
  await click(page, "#save");
  assert.deepEqual(await taken(page, 1), ["file.md"]);
});

test("2835: files that were taken count for an automatic upload", async () => {
  const page = await app.openLive("/uploads/takes");
  await choose(page, ...["first.txt", "second.txt", "third.txt"].map((name) => file(name, name)));
  assert.deepEqual((await taken(page, 2)).sort(), ["first.txt", "second.txt"]);
  assert.deepEqual(await entries(page, 1), ["third.txt"]);
  await hasText(page, "strong", "Too many files; at most 2 may be chosen.");
  await choose(page, file("fourth.txt"));
  assert.deepEqual((await entries(page, 2)).sort(), ["fourth.txt", "third.txt"]);
  assert.equal((await taken(page, 2)).length, 2);
  await hasText(page, "strong", "Too many files; at most 2 may be chosen.");
});

test("2965: a hook sends one file after the other", async () => {
  const page = await app.openLive("/uploads/many");
  const { randomBytes } = await import("node:crypto");
  const files = Array.from({ length: 20 }, (_, n) => ({ ...file(`file${n}.txt`), buffer: randomBytes(100 * 1024) }));
  await page.evaluate(() => {
    window.ended = 0;
    window.addEventListener("phx:ended", () => (window.ended += 1));
  });
  for (let sent = 0; sent < files.length; sent += 3) {
    const next = files.slice(sent, sent + 3);
    await give(page, "hook", ...next);
    await page.waitForFunction((count) => window.ended === count, sent + next.length);
  }
  assert.deepEqual(await entries(page, 20), files.map(({ name }) => name));
  await hasCount(page, "progress[value='100']", 20);
});

test("3319: a required input with several files lets its form be sent", async () => {
  const page = await app.openLive("/uploads/required");
  await page.click("#save");
  assert.equal(await page.textContent("#saves"), "0", "the browser asks for a file");
  await choose(page, file("first.txt"), file("second.txt"));
  await click(page, "#save");
  assert.deepEqual((await taken(page, 2)).sort(), ["first.txt", "second.txt"]);
});

test("3368: another drop takes the place of too many files, in a component", async () => {
  const page = await app.openLive("/uploads/in/component");
  await give(page, "drop", ...["first.png", "second.png"].map((name) => file(name, name, "image/png")));
  await hasText(page, "strong", "Too many files; at most 1 may be chosen.");
  await give(page, "drop", { ...file("replacement.png", "", "image/png"), buffer: DOT });
  await page.locator("strong").waitFor({ state: "detached" });
  assert.deepEqual(await entries(page, 1), ["replacement.png"]);
  await click(page, "#save");
  await hasText(page, "#taken", "replacement.png");
});

test("a component is told of each file that is here", async () => {
  const page = await app.openLive("/uploads/in/auto");
  for (const name of ["first.txt", "second.txt"]) {
    await choose(page, file(name));
    await hasText(page, "#taken", name === "first.txt" ? name : "first.txt,second.txt");
  }
  await entries(page, 0);
});

test("a nested view has files of its own beside those of its page", async () => {
  const page = await app.openLive("/uploads/in/nested");
  await page.setInputFiles("#around input[type=file]", [file("around.txt")]);
  await hasText(page, ".chosen", "around.txt");
  await choose(page, file("a.txt"), file("b.txt"));
  await hasCount(page, "progress[value='100']", 2);
  await click(page, ".entry[data-name='a.txt'] .cancel");
  assert.deepEqual(await entries(page, 1), ["b.txt"]);
  await click(page, "#around button");
  await hasText(page, "#kept", "around.txt");
  await click(page, "#save");
  assert.deepEqual(await taken(page, 1), ["b.txt"]);
});

test("3391: a file that is refused keeps its form from being sent, and unlocked", async () => {
  const page = await app.openLive("/uploads/one");
  await choose(page, file("invalid.html", "<h1>invalid</h1>", "text/html"));
  await hasText(page, ".error", "Files of this type are not accepted.");
  await click(page, "#save");
  assert.equal(await page.locator("#files.phx-submit-loading").count(), 0);
  assert(await page.isEnabled("#save") && (await page.isEnabled(".cancel")));
  assert.equal(await page.textContent("#saves"), "0");
  await click(page, ".cancel");
  await choose(page, file("valid.txt", "valid"));
  assert.deepEqual(await taken(page, 1), ["valid.txt"]);
  await click(page, "#save");
  await hasText(page, "#saves", "1");
});

test("3647: a file goes on its way while another form is being typed into", async () => {
  const page = await app.openLive("/uploads/takes");
  await page.evaluate(() => {
    const input = document.querySelector("input[type=file]");
    const files = [new File(["x".repeat(1 << 20)], "1mb_of_x.txt", { type: "text/plain" })];
    input.dispatchEvent(new CustomEvent("track-uploads", { bubbles: true, detail: { files } }));
    const name = document.querySelector("#name");
    name.value = "0";
    name.dispatchEvent(new Event("input", { bubbles: true }));
  });
  assert.deepEqual(await taken(page, 1), ["1mb_of_x.txt"]);
  assert.equal(await page.inputValue("#name"), "0");
});

test("4078: attributes of the input change, and its files stay", async () => {
  const page = await app.openLive("/uploads/toggled");
  assert(await page.isDisabled(INPUT));
  await click(page, "#toggle");
  assert(await page.isEnabled(INPUT));
  assert.equal(await page.getAttribute(INPUT, "class"), "on");
  await choose(page, file("test.txt"));
  assert.deepEqual(await entries(page, 1), ["test.txt"]);
  await click(page, "#toggle");
  assert(await page.isDisabled(INPUT));
  assert.notEqual(await page.getAttribute(INPUT, "class"), "on");
  assert.deepEqual(await entries(page, 1), ["test.txt"]);
});

test("4368: a writer that fails shows why until its file is cancelled", async () => {
  const page = await app.openLive("/uploads/fussy/writer");
  await choose(page, file("good.pdf", "0000000000", "application/pdf"), file("bad.pdf", "00000error", "application/pdf"));
  await hasText(page, ".entry[data-name='bad.pdf'] .error", "this part is wrong");
  await hasText(page, "#taken", "good.pdf");
  const refs = (which) => page.getAttribute(INPUT, `data-phx-${which}-refs`);
  const failed = await refs("active");
  assert.notEqual(failed, "");
  assert.deepEqual([await refs("preflighted"), await refs("done")], [failed, ""]);
  assert.equal(await page.textContent("#saves"), "0");
  await click(page, ".cancel");
  await entries(page, 0);
  await click(page, "#save");
  await hasText(page, "#saves", "1");
});

test("4368: a writer that fails ends the sending of the form that waits for its file", async () => {
  const page = await app.openLive("/uploads/fussy/writer");
  // The answer to this comes with the writer's.
  await page.setInputFiles(INPUT, [file("bad.pdf", "delayerror", "application/pdf")]);
  await entries(page, 1);
  await page.click("#save");
  assert(await page.isDisabled("#save"), "it waits for the file");
  // A click of the mouse would wait until the form has gone.
  await page.dispatchEvent("#toggle", "click");
  await hasText(page, ".error", "this part is wrong");
  await hasCount(page, "#files.phx-submit-loading, #save:disabled", 0);
  assert.equal(await page.textContent("#saves"), "0");
  assert((await page.isEnabled(INPUT)) && (await page.isEnabled("#save")));
  assert.equal(await page.locator("#files [data-phx-ref-lock]").count(), 0);
  await click(page, ".cancel");
  await entries(page, 0);
  await click(page, "#save");
  await hasText(page, "#saves", "1");
});

test("a picture is shown before it is sent", async () => {
  const page = await app.openLive("/uploads/pictures");
  await choose(page, { name: "dot.png", mimeType: "image/png", buffer: DOT });
  await page.waitForFunction(() => document.querySelector(".entry img")?.naturalWidth === 1);
  assert.match(await page.getAttribute(".entry img", "src"), /^blob:/);
  await click(page, "#save");
  await taken(page, 1);
});

test("a renamed file is refused by what it holds, and its form is not sent", async () => {
  const page = await app.openLive("/uploads/pictures");
  await choose(page, file("dot.png", "<script>alert(1)</script>", "image/png"));
  await page.click("#save");
  await hasText(page, ".error", "Files of this type are not accepted.");
  await hasCount(page, "#files.phx-submit-loading, #save:disabled", 0);
  assert.equal(await page.textContent("#saves"), "0");
  await click(page, ".cancel");
  await entries(page, 0);
  await choose(page, { name: "dot.png", mimeType: "image/png", buffer: DOT });
  await click(page, "#save");
  await taken(page, 1);
  assert.equal(await page.textContent("#saves"), "1", "it is sent when it is asked to be, and not when a file goes");
});

test("a file of many parts that is refused by the first of them lets its form be sent again", async () => {
  const page = await app.openLive("/uploads/pictures");
  await choose(page, file("dot.png", "<script>".repeat(100_000), "image/png"));
  await page.click("#save");
  await hasText(page, ".error", "Files of this type are not accepted.");
  await hasCount(page, "#files.phx-submit-loading, #save:disabled", 0);
  await click(page, ".cancel");
  await choose(page, { name: "dot.png", mimeType: "image/png", buffer: DOT });
  await click(page, "#save");
  await taken(page, 1);
});

test("files are gone with the connection, and can be chosen again", async () => {
  const page = await app.openLive("/uploads/auto", { outage: true });
  await choose(page, file("file.txt"));
  await progress(page, 100);
  await reconnect(page);
  await entries(page, 0);
  await choose(page, file("again.txt"));
  await progress(page, 100);
  await click(page, "#save");
  assert.deepEqual(await taken(page, 1), ["again.txt"]);
});

for (const kind of ["form", "auto"]) {
  test(`files are sent elsewhere by the page's script: ${kind}`, async () => {
    const page = await app.openLive(`/uploads/elsewhere/${kind}`);
    await choose(page, file("a.txt"), file("b.txt"));
    if (kind === "auto") await hasCount(page, "progress[value='100']", 2);
    await click(page, "#save");
    await hasText(page, "#taken", "/elsewhere/a.txt,/elsewhere/b.txt");
    assert.deepEqual(await page.evaluate(() => window.sentElsewhere), ["/elsewhere/a.txt", "/elsewhere/b.txt"]);
    await choose(page, file("lost.txt"));
    if (kind === "form") await page.click("#save");
    await hasText(page, ".error", "The file could not be sent.");
    await click(page, ".cancel");
    await choose(page, file("refused.txt"));
    if (kind === "form") await page.click("#save");
    await hasText(page, ".error", "Not this one.");
  });
}

for (const [how, leave] of [
  ["it is cancelled", ".cancel"],
  ["its view is left", "#away"],
]) {
  test(`what sends a file elsewhere is told when ${how}`, async () => {
    const page = await app.openLive("/uploads/elsewhere/auto");
    await choose(page, file("slow.txt"));
    await progress(page, 50);
    await page.click(leave);
    await page.waitForFunction(() => window.cancelled === "slow.txt");
    await entries(page, 0);
    await choose(page, file("a.txt"));
    if (leave === "#away") await click(page, "#save");
    else await progress(page, 100);
  });
}

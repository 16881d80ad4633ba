// One form in every place and shape whose text the browser brings back after a crash, and how its inputs
// and buttons are while it is under way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, answered, click, connected, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

const PLACES = {
  "in a view": "/recovered/in/view",
  "in a component": "/recovered/in/component",
  "in a portal": "/recovered/in/portal",
  "in a nested view": "/recovered/nested",
};

/** Opens the page, and keeps what the browser says of the form. */
async function open(path, options = {}) {
  const watch = (page) => {
    page.sent = [];
    page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        const [, , , kind, { type, event, value } = {}] = JSON.parse(payload);
        if (kind === "event" && type === "form") page.sent.push({ event, ...Object.fromEntries(new URLSearchParams(value)) });
      }),
    );
  };
  const page = await app.open(path, { watch, ...options });
  await joined(page);
  return page;
}

/** Waits until every view of the page has joined. */
async function joined(page) {
  await connected(page);
  await page.waitForFunction(() => !document.querySelector("[data-phx-session]:not(.phx-connected)"));
}

const input = (name) => `[name=${name}]`;

/** The view of the form panics, and another one takes its place. */
async function crash(page) {
  await answered(page);
  page.sent.length = 0;
  await act(page, "crash");
  await joined(page);
  await answered(page);
}

/** Leaves the form, so that what the server says is shown in each input. */
const leave = (page) => page.evaluate(() => document.activeElement.blur());

for (const [place, path] of Object.entries(PLACES)) {
  test(`what was typed is back, and where one was (${place})`, async () => {
    const page = await open(path);
    await page.fill(input("b"), "test");
    await page.fill(input("e"), "inside");
    await page.fill(input("f"), "outside");
    await page.selectOption(input("d"), "bar");
    await page.fill(input("c"), "hello world");
    await crash(page);
    assert.deepEqual(page.sent, [
      { event: "change", _unused_a: "", a: "foo", b: "test", c: "hello world", d: "bar", e: "inside", f: "outside" },
    ]);
    for (const [name, text] of Object.entries({ a: "foo", b: "test", c: "hello world", d: "bar", e: "inside", f: "outside" })) {
      assert.equal(await page.inputValue(input(name)), text, name);
    }
    if (place !== "in a nested view") {
      assert.equal(await page.evaluate(() => document.activeElement.name), "c");
    }
  });

  for (const [what, query, text] of [
    ["is back by a command", "change=command", "test"],
    ["is back by an event of its own", "recover=custom", "recovered"],
    ["is gone without an id", "has_no_id=true", "bar"],
    ["is gone without an event for changes", "change=nothing", "bar"],
  ]) {
    test(`what was typed ${what} (${place})`, async () => {
      const page = await open(`${path}?${query}`);
      await page.fill(input("b"), "test");
      await leave(page);
      await crash(page);
      await page.waitForFunction((text) => document.querySelector("[name=b]").value === text, text);
      assert.equal(page.sent.length, text === "bar" ? 0 : 1);
    });
  }

  test(`what is disabled is not sent (${place})`, async () => {
    const page = await open(`${path}?is_disabled=true`);
    await page.fill(input("c"), "hello world");
    await page.selectOption(input("d"), "bar");
    await crash(page);
    assert.deepEqual(page.sent, [
      { event: "change", c: "hello world", d: "bar", _unused_e: "", e: "", _unused_f: "", f: "" },
    ]);
  });

  test(`inputs and buttons are after an answer as they were before (${place})`, async () => {
    const page = await open(path);
    /** Keeps each change of these attributes, as `name: before > after`. */
    const watch = (selector, names) =>
      page.evaluate(
        ([selector, names]) => {
          const element = document.querySelector(selector);
          window.seen = [];
          const record = (changes) => {
            for (const { attributeName, oldValue } of changes) window.seen.push(`${attributeName}: ${oldValue}`);
          };
          window.observer?.disconnect();
          window.observer = new MutationObserver(record);
          window.observer.observe(element, { attributeFilter: names, attributeOldValue: true });
        },
        [selector, names],
      );
    const seen = () => page.evaluate(() => window.seen);
    for (const [name, was, marked] of [["a", "", "true"], ["b", null, "false"]]) {
      await watch(input(name), ["readonly", "data-phx-readonly"]);
      for (const attempt of ["first", "second"]) {
        await click(page, "#submit");
        assert.equal(await page.getAttribute(input(name), "readonly"), was, `${name}, ${attempt}`);
        assert.equal(await page.getAttribute(input(name), "data-phx-readonly"), null);
      }
      assert.ok((await seen()).includes(`data-phx-readonly: ${marked}`), String(await seen()));
      assert.ok((await seen()).includes("readonly: "));
    }
    for (const [button, loading] of [["#submit", "phx-submit-loading"], ["#click", "phx-click-loading"]]) {
      await watch(button, ["disabled", "data-phx-disabled", "class"]);
      await click(page, button);
      assert.equal(await page.isEnabled(button), true);
      assert.equal(await page.getAttribute(button, "class"), null);
      for (const change of ["disabled: ", "data-phx-disabled: false", `class: ${loading}`]) {
        assert.ok((await seen()).includes(change), `${change} of ${await seen()}`);
      }
    }
  });

  test(`a button that runs a command sends its form as well (${place})`, async () => {
    const page = await open(path);
    await page.evaluate(() => window.addEventListener("app:clicked", () => (window.isClicked = true)));
    await page.click("#submit-by-click");
    await hasText(page, "output", "saved");
    assert.ok(await page.evaluate(() => window.isClicked));
  });
}

for (const path of ["/recovered/in/view", "/recovered/in/component", "/recovered/in/portal"]) {
  test(`another URL that a recovery asks for is gone to (${path})`, async () => {
    const page = await open(`${path}?recover=patch`);
    await page.fill(input("b"), "test");
    await leave(page);
    await answered(page);
    await act(page, "crash");
    await page.waitForURL("**/recovered/in/view?recover=patch&patched=true");
    await joined(page);
  });
}

test("what nobody has used is not said of a form, or of an input, that wants it so", async () => {
  for (const [query, unused] of [
    ["is_quiet=true", {}],
    ["has_quiet_input=true", { _unused_a: "", _unused_d: "", _unused_e: "", _unused_f: "" }],
  ]) {
    const page = await open(`/recovered/in/view?${query}`);
    await page.fill(input("b"), "test");
    await answered(page);
    assert.deepEqual(page.sent, [{ event: "change", a: "foo", b: "test", c: "baz", d: "foo", e: "", f: "", ...unused }]);
  }
});

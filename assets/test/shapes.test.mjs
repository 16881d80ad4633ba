// A page that was patched from shape to shape equals one that was loaded in that shape.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

/** The live view's HTML on the page, and as the server renders it for a new visitor. */
function bothPages(page, state) {
  return page.evaluate(async (state) => {
    const normal = (view) => {
      const copy = view.cloneNode(true);
      for (const element of copy.querySelectorAll("*")) {
        for (const { name } of [...element.attributes]) {
          if (name.startsWith("data-phx-")) element.removeAttribute(name);
        }
        element.classList.remove("phx-click-loading");
        if (element.className === "") element.removeAttribute("class");
        // The order of attributes means nothing, and morphing does not keep it.
        const sorted = [...element.attributes].map(({ name, value }) => [name, value]).sort();
        for (const [name] of sorted) element.removeAttribute(name);
        for (const [name, value] of sorted) element.setAttribute(name, value);
      }
      copy.normalize();
      return copy.innerHTML;
    };
    const text = await (await fetch(`/shapes/${state}`)).text();
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const view = "[data-phx-main]";
    return [normal(document.querySelector(view)), normal(fresh.querySelector(view))];
  }, state);
}

test("every shape is reached from every other", async () => {
  const page = await app.openLive("/shapes/0");
  let state = 0;
  let seed = 7;
  for (let step = 0; step < 150; step++) {
    seed = (seed * 48271) % 2147483647;
    if (step % 50 === 49) await reconnect(page);
    // Now one thing changes, now everything may.
    state = step % 2 ? state ^ (1 << seed % 8) : seed % 256;
    await act(page, "go", { state });
    const [patched, loaded] = await bothPages(page, state);
    assert.equal(patched, loaded, `step ${step}, state ${state}`);
  }
});

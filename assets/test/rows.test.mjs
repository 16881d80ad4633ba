// Components in the rows of a stream, of which the browser keeps nothing but the elements.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, childIds, click, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

test("a component in a row shows what changed together with the page, and its own events", async () => {
  const page = await app.openLive("/rows");
  await act(page, "append", {});
  await hasText(page, "#rows-1 button", "1 told 1 clicked 0");
  await hasText(page, "h1", "3");
  await click(page, "#rows-1 button");
  await hasText(page, "#rows-1 button", "1 told 1 clicked 1");
  await click(page, "#rows-3 button");
  await act(page, "append", {});
  await hasText(page, "#rows-1 button", "1 told 2 clicked 1");
  await hasText(page, "#rows-3 button", "3 told 0 clicked 1");
  assert.deepEqual(await childIds(page, "#rows"), ["rows-1", "rows-2", "rows-3", "rows-4"]);
});

test("a row goes with its component, and the others go on", async () => {
  const page = await app.openLive("/rows");
  await act(page, "delete", { row: 1 });
  await act(page, "append", {});
  await hasText(page, "h1", "3");
  assert.deepEqual(await childIds(page, "#rows"), ["rows-2", "rows-3"]);
  await click(page, "#rows-2 button");
  await hasText(page, "#rows-2 button", "2 told 0 clicked 1");
});

/** The page shows these rows, and what is clicked and told there. */
async function goesOn(page, rows) {
  assert.deepEqual(await childIds(page, "#rows"), rows.map((row) => `rows-${row}`));
  const last = rows.at(-1);
  await click(page, `#rows-${last} button`);
  await hasText(page, `#rows-${last} button`, `${last} told 0 clicked 1`);
}

test("a row that is not there is updated, and the page goes on", async () => {
  const page = await app.openLive("/rows");
  await act(page, "update", { row: 9 });
  await goesOn(page, [1, 2]);
  await act(page, "delete", { row: 2 });
  await act(page, "update", { row: 2 });
  await goesOn(page, [1]);
  await act(page, "extend", { rows: [2, 9] });
  await goesOn(page, [1, 2, 9]);
  await hasText(page, "#rows-2 button", "2 told 0 clicked 0");
});

test("rows are beyond the limit of the message that brings them, and the page goes on", async () => {
  const page = await app.openLive("/rows");
  await act(page, "extend", { rows: [3, 4, 5, 6, 7, 8] });
  await goesOn(page, [5, 6, 7, 8]);
  await act(page, "update", { row: 3 });
  await act(page, "extend", { rows: [3] });
  await goesOn(page, [6, 7, 8, 3]);
});

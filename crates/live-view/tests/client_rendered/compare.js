// Runs cases through the client's own merge: prints what differs, as JSON, and how many were run.
//
// A case is a list of steps `{diff, html}`: the first diff is the whole tree, each `html` is what the
// page then shows. Usage: node compare.bundle.mjs cases.json

import { readFileSync } from "node:fs";
import Rendered from "./node_modules/phoenix_live_view/assets/js/phoenix_live_view/rendered.js";

// The client asks the window for `structuredClone`.
globalThis.window ??= globalThis;

// What the client adds to the root element of a component.
const ADDED = / data-phx-(?:id|component|view)="[^"]*"/g;
const plain = (html) => html.replace(ADDED, "");

const cidsIn = (html) =>
  [...html.matchAll(/data-phx-component="(\d+)"/g)].map((match) => match[1]);

// Components whose HTML has changed, and which the client would nevertheless leave as they are.
const left = (rendered, before, patch) => {
  const skipped = [...patch.matchAll(/data-phx-component="(\d+)"[^>]*data-phx-skip/g)];
  return skipped
    .map((match) => match[1])
    .filter((cid) => plain(rendered.componentToString(cid).buffer) !== before.get(cid));
};

const shown = (rendered) => {
  const html = rendered.toString().buffer;
  return new Map(cidsIn(html).map((cid) => [cid, plain(rendered.componentToString(cid).buffer)]));
};

const run = (steps) => {
  let rendered;
  let before = new Map();
  for (const [index, { diff, html }] of steps.entries()) {
    const sent = JSON.stringify(diff);
    if (rendered) {
      const componentsOnly = rendered.isComponentOnlyDiff(diff);
      const cids = rendered.componentCIDs(diff);
      rendered.mergeDiff(diff);
      if (!componentsOnly && Object.keys(diff).length > 0) {
        const skipped = left(rendered, before, rendered.toString(cids).buffer);
        if (skipped.length > 0) {
          return { index, sent, skipped };
        }
      }
    } else {
      rendered = new Rendered("v", diff);
    }
    const shows = plain(rendered.toString().buffer);
    if (shows !== html) {
      return { index, sent, shows, html };
    }
    before = shown(rendered);
  }
};

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
const failures = [];
for (const [number, steps] of cases.entries()) {
  try {
    const failure = run(steps);
    failure && failures.push({ number, ...failure });
  } catch (error) {
    failures.push({ number, error: String(error) });
  }
}
console.log(JSON.stringify({ run: cases.length, failures: failures.slice(0, 3) }));
process.exit(failures.length > 0 ? 1 : 0);

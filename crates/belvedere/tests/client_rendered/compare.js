// Runs cases through the client's own merge: prints what differs, as JSON, how many were run, and how
// many elements were left as they are.
//
// A case is a list of steps `{diff, html}`: the first diff is the whole tree, each `html` is what the
// page then shows. The page is patched as the client does it: what it leaves as it is has to be
// what a fresh render shows. Usage: node compare.bundle.mjs cases.json

import { readFileSync } from "node:fs";
import Rendered from "./node_modules/phoenix_live_view/assets/js/phoenix_live_view/rendered.js";
import { Page } from "./page.js";

// The client asks the window for `structuredClone`.
globalThis.window ??= globalThis;

const patch = (page, rendered, diff) => {
  const componentsOnly = rendered.isComponentOnlyDiff(diff);
  const cids = rendered.componentCIDs(diff);
  const isEmpty = Object.keys(diff).length === 0;
  rendered.mergeDiff(diff);
  if (componentsOnly) {
    for (const cid of page.outermost(cids)) {
      page.patchComponent(cid, rendered.componentToString(cid));
    }
  } else if (!isEmpty) {
    page.patch(rendered.toString(cids));
  }
};

let skipped = 0;

const run = (steps) => {
  const page = new Page();
  let rendered;
  for (const [index, { diff, html }] of steps.entries()) {
    const sent = JSON.stringify(diff);
    try {
      if (rendered) {
        patch(page, rendered, diff);
      } else {
        rendered = new Rendered("v", diff);
        page.patch(rendered.toString());
      }
    } catch (error) {
      return { index, sent, error: String(error) };
    }
    const shows = page.html();
    if (shows !== html) {
      return { index, sent, shows, html };
    }
  }
  skipped += page.skipped;
};

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
const failures = [];
for (const [number, steps] of cases.entries()) {
  const failure = run(steps);
  failure && failures.push({ number, ...failure });
}
console.log(JSON.stringify({ run: cases.length, skipped, failures: failures.slice(0, 3) }));
process.exit(failures.length > 0 ? 1 : 0);

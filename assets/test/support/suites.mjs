// Runs test files one after the other, each as a suite of its own, with one Node and one Chromium for all:
// to start these is a second of processor time.
//
// Usage: node --test-reporter=spec test/support/suites.mjs FILE...

import { after, describe } from "node:test";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { openBrowser } from "./browser.mjs";
import "./processes.mjs";

const { release } = await openBrowser();
for (const file of process.argv.slice(2)) {
  await new Promise((done) => {
    describe(basename(file), async () => {
      after(() => done());
      await import(pathToFileURL(file));
    });
  });
}
await release();

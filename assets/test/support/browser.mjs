// Finds and starts Chromium.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const CANDIDATES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

let browser = null;
let users = 0;

/** The browser that all share who have opened it and not released it yet. */
export async function openBrowser() {
  users += 1;
  // One that has crashed takes the tests of its file with it, and no others.
  if (!browser?.isConnected()) browser = await launch();
  const release = async () => {
    users -= 1;
    if (users === 0) await browser.close();
  };
  return { browser, release };
}

/** A headless browser that asks nobody but the server under test. */
export function launch() {
  const executablePath = CANDIDATES.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium found; set CHROMIUM to its path");
  return chromium.launch({
    executablePath,
    // On a machine that is busy with other things.
    timeout: 120_000,
    // The sandbox refuses to run as root, as in a container.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

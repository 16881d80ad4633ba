// Finds and starts Chromium, or Firefox where `BROWSER_ENGINE=firefox` asks for it.

import { existsSync } from "node:fs";

export const isFirefox = process.env.BROWSER_ENGINE === "firefox";

/** Which of Playwright's releases: later ones tell Firefox what its extended support release 153 does not know. */
const { chromium, firefox } = await import(isFirefox ? "playwright-core-firefox" : "playwright-core");

const FIREFOX = [process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"];

const CHROMIUM = [
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
  // On a machine that is busy with other things.
  const timeout = 120_000;
  if (isFirefox) return firefox.launch({ channel: "moz-firefox", executablePath: find(FIREFOX, "FIREFOX"), timeout });
  return chromium.launch({
    executablePath: find(CHROMIUM, "CHROMIUM"),
    timeout,
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

function find(candidates, setting) {
  const path = candidates.find((path) => path && existsSync(path));
  if (!path) throw new Error(`the browser was not found; set ${setting} to its path`);
  return path;
}

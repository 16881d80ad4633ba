// Typed events in rows with what the browser brings, commands from the server, dialogs that keep the focus,
// and questions before an event.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasFocus, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

const said = (page, text) => hasText(page, "#said", text);

test("a row's typed button says which row it is of", async () => {
  const page = await app.openLive("/asked");
  await page.click("#delete-2");
  await said(page, 'delete 2 a "name" & <more>');
  await page.click("#delete-3");
  await said(page, 'delete 3 a "name" & <more>');
});

test("a number that JavaScript would round comes as it was given", async () => {
  const page = await app.openLive("/asked");
  await page.click("#large");
  await said(page, "large 9007199254740993");
});

test("an event of a shared part reaches the view that takes it in", async () => {
  const page = await app.openLive("/asked");
  await page.click("#next");
  await said(page, "page 7");
});

test("a checkbox, a key and a form come with what the template gives", async () => {
  const page = await app.openLive("/asked");
  await page.click("#check-2");
  await said(page, "check 2 true");
  await page.click("#check-2");
  await said(page, "check 2 false");
  await page.focus("#key-3");
  await page.keyboard.press("x");
  await said(page, "move 3 x");
  await page.click("#form-1 button");
  await said(page, "rename 1 new");
});

test("a click says where it was and which keys were held, a key what is held with it", async () => {
  const page = await app.openLive("/asked");
  // The second place is in a shape within the element that asks.
  await page.click("#map", { position: { x: 10, y: 30 } });
  await said(page, "place 7 10 30 false");
  await page.locator("#away").waitFor();
  await page.click("#map", { position: { x: 60, y: 40 }, modifiers: ["Shift"] });
  // And so does one elsewhere, with what was clicked.
  for (const line of ["place 7 60 40 true", /^away \d+ 40$/]) {
    await page.locator("#log li", { hasText: line }).first().waitFor({ state: "attached" });
  }

  await page.focus("#held");
  await page.keyboard.down("x");
  await said(page, "hold x KeyX false false");
  await page.keyboard.down("x");
  await said(page, "hold x KeyX false true");
  await page.keyboard.up("x");
  await page.keyboard.press("Control+y");
  await said(page, "hold y KeyY true false");
});

test("each of quick clicks says which keys were held", async () => {
  const page = await app.openLive("/asked");
  await page.evaluate(() => {
    for (const altKey of [false, true, false]) {
      document.querySelector("#step").dispatchEvent(new MouseEvent("click", { altKey, bubbles: true, detail: 1 }));
    }
  });
  await page.locator("#log li:nth-child(3)").waitFor();
  assert.deepEqual(await page.locator("#log li").allTextContents(), ["step false", "step true", "step false"]);
});

test("a script's click is in the middle, and what is not asked for is not sent", async () => {
  const page = await app.openLive("/asked");
  const sent = await page.evaluateHandle(() => {
    const socket = window.liveSocket.getSocket().conn;
    const [send, frames] = [socket.send.bind(socket), []];
    socket.send = (frame) => {
      frames.push(frame);
      send(frame);
    };
    return frames;
  });
  await page.click("#next");
  await said(page, "page 7");
  await page.locator("#map").dispatchEvent("click");
  await said(page, "place 7 60 40 false");
  await page.locator("#away").waitFor();
  await page.focus("#key-3");
  await page.keyboard.press("x");
  await said(page, "move 3 x");
  const values = (await sent.jsonValue()).map((frame) => JSON.parse(frame)[4].value).filter(Boolean);
  assert.deepEqual(values.slice(0, 2), [
    { page: 7, value: "" },
    { id: 7, offset_x: 60, offset_y: 40, shift_key: false },
  ]);
  assert.ok(!("client_x" in values.at(-1)), "a key carries nothing of a click elsewhere");
});

test("the server has the browser run commands", async () => {
  const page = await app.openLive("/asked");
  await page.click("#focus");
  await page.locator("[data-phx-main].told").waitFor();
  await hasFocus(page, "#title");
});

test("a dialog keeps the focus and gives it back", async () => {
  const page = await app.openLive("/asked");
  for (const close of [() => page.click("#close"), () => page.keyboard.press("Enter")]) {
    await page.focus("#open");
    await page.keyboard.press("Enter");
    await hasFocus(page, "#first");
    for (const [key, next] of [["Tab", "#close"], ["Tab", "#first"], ["Shift+Tab", "#close"]]) {
      await page.keyboard.press(key);
      await hasFocus(page, next);
    }
    await close();
    await page.locator("#dialog").waitFor({ state: "detached" });
    await hasFocus(page, "#open");
  }
});

test("where what opened a dialog is gone, the focus goes to the heading", async () => {
  const page = await app.openLive("/asked");
  await page.focus("#open-last");
  await page.keyboard.press("Enter");
  await hasFocus(page, "#first");
  await page.keyboard.press("Tab");
  await hasFocus(page, "#close");
  await page.keyboard.press("Enter");
  await page.locator("#dialog").waitFor({ state: "detached" });
  assert.equal(await page.locator("#open-last").count(), 0);
  await hasFocus(page, "h1");
});

test("who is on a dialog as a whole goes on with Tab in it", async () => {
  const page = await app.openLive("/asked");
  await page.click("#open");
  await hasFocus(page, "#first");
  for (const [key, next] of [["Tab", "#first"], ["Shift+Tab", "#close"]]) {
    await page.focus("#kept-focus");
    await page.keyboard.press(key);
    await hasFocus(page, next);
  }
  // As WebKitGTK says it.
  await page.focus("#kept-focus");
  await page.locator("#kept-focus").dispatchEvent("keydown", { key: "Unidentified", code: "Tab", shiftKey: true });
  await hasFocus(page, "#close");
});

test("a dialog that comes when nothing has the focus leaves it to the heading", async () => {
  const page = await app.openLive("/asked");
  const run = (selector, ...commands) =>
    page.evaluate(
      ([selector, commands]) => {
        window.liveSocket.execJS(document.querySelector(selector), JSON.stringify(commands));
        document.activeElement.blur();
      },
      [selector, commands],
    );
  // As a dialog around it does. A button that is clicked has no focus in Safari.
  await run("#title", ["push_focus", {}], ["push", { event: "open" }]);
  await hasFocus(page, "#first");
  await page.click("#close");
  await page.locator("#dialog").waitFor({ state: "detached" });
  await hasFocus(page, "h1");
  await run("#title", ["pop_focus", {}]);
  await hasFocus(page, "#title");
});

test("a dialog without anything to focus has the focus as a whole", async () => {
  const page = await app.openLive("/asked");
  await page.focus("#wait");
  await page.keyboard.press("Enter");
  await hasFocus(page, "#waiting-focus");
  for (const key of ["Tab", "Tab", "Shift+Tab", "Shift+Tab", "Tab"]) {
    await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => document.activeElement.id), "waiting-focus", `${key} does not leave it`);
  }
  await page.click("#wait");
  await page.locator("#waiting").waitFor({ state: "detached" });
  await hasFocus(page, "#wait");
});

test("a question before an event, declined and accepted", async () => {
  const page = await app.openLive("/asked");
  const questions = [];
  let isAccepted = false;
  page.on("dialog", (dialog) => {
    questions.push(dialog.message());
    return isAccepted ? dialog.accept() : dialog.dismiss();
  });
  const url = page.url();
  await page.click("#asked");
  await page.press("#asked", "Enter");
  await page.press("#asked", "Space");
  await page.click("#asked-form button");
  await page.press("#asked-form input", "Enter");
  await page.click("#asked-label", { position: { x: 2, y: 2 } });
  await page.click("#asked-link");
  await page.click("#asked-link", { button: "middle" });
  await page.click("#next");
  await said(page, "page 7");
  assert.deepEqual(await page.locator("#log li").allTextContents(), ["page 7"]);
  assert.equal(page.url(), url);
  assert.equal(page.context().pages().length, 1);
  assert.deepEqual(
    questions.splice(0),
    ["Really?", "Really?", "Really?", "Send it?", "Send it?", "Check?", "Leave?", "Leave?"],
  );
  isAccepted = true;
  await page.click("#asked");
  await said(page, "page 1");
  await page.click("#asked-form button");
  await said(page, "rename 9 asked");
  await page.click("#asked-label", { position: { x: 2, y: 2 } });
  await said(page, "check 9 true");
  assert.deepEqual(questions.splice(0), ["Really?", "Send it?", "Check?"]);
  await page.click("#asked-link");
  await page.waitForURL("**/asked?left");
  assert.deepEqual(questions, ["Leave?"]);
});

test("a script of the page's own has hooks, and all that the client's script does", async () => {
  const page = await app.openLive("/scripted");
  await hasText(page, "#stamp", "ink is dry");
  await hasText(page, "#browser", "blue");
  assert.notEqual(await page.getAttribute("#browser", "data-zone"), "");
  const questions = [];
  page.on("dialog", (dialog) => {
    questions.push(dialog.message());
    return dialog.accept();
  });
  await page.click("#ask");
  await hasText(page, "output", "1");
  assert.equal(await page.getAttribute("output", "title"), "0");
  assert.equal(await page.getAttribute("html", "data-patched"), "yes");
  assert.deepEqual(questions, ["Really?"]);
  const again = await page.evaluate(() => {
    try {
      window.Belvedere.connect();
    } catch (error) {
      return error.message;
    }
  });
  assert.match(again, /^connected already: /);
});

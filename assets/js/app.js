// Connects the page to its live views. Loaded after the two scripts of the browser client, which
// define the globals Phoenix and LiveView. Hooks, when there are some, live in js/hooks/.
(() => {
  const token = document.querySelector("meta[name='csrf-token']")?.content;
  const liveSocket = new LiveView.LiveSocket("/live", Phoenix.Socket, {
    params: () => ({ _csrf_token: token }),
  });

  // The server was replaced while this page was open, and its scripts or styles with it. The server
  // says so once, after a reconnect, and never to a page it has just served: no reload can loop.
  window.addEventListener("phx:live_view:assets_changed", () => window.location.reload());

  // The client drops a click on an element that still waits for the answer to the last one. Where each
  // click counts, as on a stepper, the element says `data-each-click`.
  const sendEachClick = (event) => {
    const element = event.target.closest?.("[phx-click]");
    if (!element?.matches("[data-each-click][data-phx-ref-src]")) return;
    const click = element.getAttribute("phx-click");
    const commands = click.startsWith("[") ? click : JSON.stringify([["push", { event: click }]]);
    liveSocket.execJS(element, commands, "click");
  };
  window.addEventListener("click", sendEachClick, { capture: true });

  liveSocket.connect();

  // For the browser's console: liveSocket.enableDebug(), liveSocket.enableLatencySim(500).
  window.liveSocket = liveSocket;
})();

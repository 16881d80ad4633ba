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

  liveSocket.connect();

  // For the browser's console: liveSocket.enableDebug(), liveSocket.enableLatencySim(500).
  window.liveSocket = liveSocket;
})();

// Connects the page to its live views, for applications without a script of their own.
// Loaded after phoenix.min.js and phoenix_live_view.min.js, which define the two globals.
(() => {
  const token = document.querySelector("meta[name='csrf-token']")?.content;
  const liveSocket = new LiveView.LiveSocket("/live", Phoenix.Socket, {
    params: () => ({ _csrf_token: token }),
  });

  // Scripts or styles were replaced on the server while this page was open: take the new ones.
  window.addEventListener("phx:live_view:assets_changed", () => window.location.reload());

  liveSocket.connect();
  window.liveSocket = liveSocket;
})();

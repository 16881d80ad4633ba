// Defines the global Belvedere, whose `connect` connects the page to its live views.
// Loaded after phoenix.min.js and phoenix_live_view.min.js, which define Phoenix and LiveView.
(() => {
  const { src: ownScript = "", dataset = {} } = document.currentScript ?? {};
  const { livePath = "/live", longPollAfter = 2500 } = dataset;
  let isConnected = false;

  /**
   * Connects the page and returns its LiveSocket, which is `window.liveSocket` too.
   *
   * `options` are the LiveSocket's: `hooks`, `uploaders`, `dom` and the rest. Its `params`, an object or a function, and
   * its `metadata` are added to what is sent anyway. Where a script of the client has not come it returns nothing, and
   * the page will be loaded anew.
   */
  const connect = ({ params = {}, metadata = {}, ...options } = {}) => {
    if (!window.Phoenix || !window.LiveView) return undefined;
    if (isConnected) throw new Error("connected already: take bootstrap_tag() out of the layout, or the second call");
    isConnected = true;
    const kept = keepSnapshots();
    const typed = keepTyped();
    const liveSocket = new LiveView.LiveSocket(livePath, Phoenix.Socket, {
      longPollFallbackMs: Number(longPollAfter),
      reconnectAfterMs,
      ...storages,
      ...options,
      params: (view) => ({
        ...browser(),
        ...(typeof params === "function" ? params(view) : params),
        ...required(view),
        ...(view && numbered(view, liveSocket.getViewByEl(view)?.joinCount ?? 0)),
        ...kept.of(view),
      }),
      metadata: { ...metadata, ...measuring(metadata) },
      dom: { ...options.dom, ...keepingAnswers(typed, options.dom) },
    });
    // Of several listeners to one event the first is asked first.
    typed.follow(liveSocket);
    askFirst();
    sendEachClick(liveSocket);
    askForRows(liveSocket);
    guardUnsaved(liveSocket);
    takeNewAssets(kept);
    carryOverReloads(liveSocket, kept);
    showUnread();
    announceArrivals(liveSocket);
    keepFocus(liveSocket);
    runPushedCommands(liveSocket);
    unmarkLeftLinks();
    releaseForms(liveSocket);
    preferWebSocket(liveSocket.getSocket());
    slowDownPolls(liveSocket.getSocket());
    askBeforeWebSockets(liveSocket.getSocket());
    takeOutBeforeMessages(liveSocket);
    goOnAfterErrors(liveSocket);
    mendViews(liveSocket);
    sayGoodbye(liveSocket.getSocket());
    tellOfCookies(liveSocket.getSocket());
    liveSocket.connect();
    window.liveSocket = liveSocket;
    return liveSocket;
  };

  // A browser that blocks cookies throws where its storage is looked at, without which the client does nothing at all.
  // The history keeps what a page that is loaded anew by itself has to know: how often that was.
  const keepInHistory = () => {
    const keep = (kept) => {
      const { belvedere: _, ...others } = history.state ?? {};
      const state = kept.size > 0 ? { ...others, belvedere: [...kept] } : others;
      try {
        history.replaceState(Object.keys(state).length > 0 ? state : null, "");
      } catch {
        // Safari allows a hundred of these in half a minute: what was kept before stays there.
      }
    };
    const kept = new Map(history.state?.belvedere);
    // The client tells by it whether the page is new.
    keep(new Map());
    const storage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => keep(kept.set(key, String(value))),
      removeItem: (key) => kept.delete(key) && keep(kept),
    };
    return { sessionStorage: storage, localStorage: storage };
  };
  const storages = (() => {
    try {
      return { sessionStorage: window.sessionStorage, localStorage: window.localStorage };
    } catch {
      return keepInHistory();
    }
  })();

  const isOwn = (src) => src.startsWith(`${window.location.origin}/`);

  // Whether a server answers for a script.
  const answers = async (src) => {
    // One in the cache says nothing about its server.
    const answer = await fetch(src, { cache: "no-cache" }).catch(() => null);
    const script = await answer?.blob().catch(() => null);
    return Boolean(script) && answer.status < 500 && answer.status !== 429;
  };

  // A live page of which a script has not come is dead: its server has gone away, or it is another one by now, which
  // knows others. Unless it connects by itself, it is loaded anew as soon as a server has answered for each of them, and
  // less often where that does not help.
  const RELOADS = "belvedere:reloads";
  const reviveWithoutScripts = () => {
    const tracked = "script[phx-track-static]";
    let isMissing = !window.Phoenix || !window.LiveView;
    const miss = ({ target }) => (isMissing ||= Boolean(target.matches?.(tracked)));
    window.addEventListener("error", miss, { capture: true });
    const ownSources = () => [...document.querySelectorAll(tracked)].map(({ src }) => src).filter(isOwn);
    // Firefox tells of a script that has not come before those in front of it run.
    const hasFailed = (src) => {
      const status = performance.getEntriesByName(src, "resource").at(-1)?.responseStatus;
      return status === 0 || status >= 400;
    };
    const allAnswer = async () => (await Promise.all(ownSources().map(answers))).every(Boolean);
    const pause = (wait) => new Promise((done) => setTimeout(done, wait));
    const revive = async (views) => {
      for (const view of views) view.classList.add("phx-loading", "phx-error", "phx-client-error");
      const { sessionStorage } = storages;
      const reloads = Number(sessionStorage.getItem(RELOADS));
      let tries = reloads;
      do {
        tries += 1;
        await pause(reloads < 10 ? reconnectAfterMs(5 + tries) : 30_000);
      } while (!isConnected && !(await allAnswer()));
      try {
        sessionStorage.setItem(RELOADS, reloads + 1);
      } catch {
        // The storage is full: the next page counts from nothing.
        await pause(reconnectAfterMs(Infinity));
      }
      if (!isConnected) window.location.reload();
    };
    document.addEventListener("DOMContentLoaded", () => {
      const views = document.querySelectorAll("[data-phx-session]");
      isMissing ||= ownSources().some(hasFailed);
      if (!isMissing || isConnected) storages.sessionStorage.removeItem(RELOADS);
      else if (views.length > 0) revive(views);
    });
  };

  // Without cookies no view can be joined: by this class a page says so.
  const tellOfCookies = (socket) => {
    socket.onMessage(({ event, payload }) => {
      const isNeeded = event === "phx_reply" && payload.response?.reason === "no cookies";
      if (isNeeded) document.documentElement.classList.add("phx-no-cookies");
    });
  };

  // Where WebSockets are blocked the client polls. It does so for good as soon as its first WebSocket fails, but that
  // may have been refused, or its server away for a moment. So a page that polls tries another one beside its polls: at
  // once, whenever a poll fails, and each minute. Where that works, the page goes over to WebSockets; only where it
  // fails while polls work are they blocked, and the tab's next pages poll from the start.
  const BLOCKED = "belvedere:websockets-blocked";
  const MINUTE = 60_000;
  const preferWebSocket = (socket) => {
    const { transport: Transport, longPollFallbackMs: patience } = socket;
    if (Transport === Phoenix.LongPoll || !patience) return;
    const isPolling = () => socket.transport === Phoenix.LongPoll && !socket.closeWasClean;
    let isKnown = wereBlocked();
    // What the client would remember for as long as the tab is open.
    socket.getSession = () => isKnown;
    socket.storeSession = () => {};
    // Where a frame has come by a WebSocket, they are not blocked, and the client waits for its server.
    const first = socket.onMessage(() => {
      if (socket.transport === Phoenix.LongPoll) return;
      socket.off([first]);
      socket.longPollFallbackMs = null;
    });
    const isUploading = () => socket.channels.some(({ topic }) => topic.startsWith("lvu:"));
    let isTrying = false;
    let timer;
    const tryAgain = async () => {
      clearTimeout(timer);
      if (!isPolling() || isTrying) return;
      isTrying = true;
      const pollsWorked = socket.isConnected();
      const works = await opens(new Transport(socket.endPointURL()), patience);
      isTrying = false;
      if (!isPolling()) return;
      const pollsWork = socket.isConnected();
      if (!works && !pollsWorked && pollsWork) return tryAgain();
      if (works || (pollsWorked && pollsWork)) rememberBlocked(!works);
      if (works && !isUploading()) {
        socket.replaceTransport(Transport);
        socket.connect();
      } else {
        timer = setTimeout(tryAgain, MINUTE);
      }
    };
    socket.onOpen(() => {
      if (isKnown) timer = setTimeout(tryAgain, MINUTE);
      else tryAgain();
      isKnown = false;
    });
    socket.onError(tryAgain);
  };

  // Whether a WebSocket opens and is answered within so many milliseconds. It is closed.
  const opens = (webSocket, patience) =>
    new Promise((settle) => {
      webSocket.onopen = () => webSocket.send(JSON.stringify([null, "1", "phoenix", "heartbeat", {}]));
      webSocket.onmessage = () => settle(true);
      webSocket.onclose = () => settle(false);
      setTimeout(settle, patience, false);
    }).finally(() => webSocket.close());

  const rememberBlocked = (areBlocked) => {
    try {
      if (areBlocked) sessionStorage.setItem(BLOCKED, Date.now());
      else sessionStorage.removeItem(BLOCKED);
    } catch {
      // The storage is full or forbidden: the next page finds out by itself.
    }
  };
  const wereBlocked = () => {
    try {
      return Math.abs(Date.now() - Number(sessionStorage.getItem(BLOCKED))) < 5 * MINUTE;
    } catch {
      return false;
    }
  };

  // Polls that reach another server than their socket's lose it at once, and opening another one works each time.
  const SESSION_GONE = 410;
  const slowDownPolls = (socket) => {
    let opened = 0;
    let lost = 0;
    socket.onOpen(() => {
      opened = Date.now();
      if (socket.transport === Phoenix.LongPoll) socket.reconnectTimer.tries = lost;
    });
    socket.onError((error) => {
      if (Date.now() - opened > 15_000) lost = 0;
      else if (error === SESSION_GONE) lost += 1;
    });
  };

  // Firefox has a WebSocket wait before it asks its server, the longer the more of them have failed: the page would be
  // back long after its server. A request does not wait. So after some tries the page asks by one whether there is a
  // server, and opens a WebSocket when it has answered.
  const askBeforeWebSockets = (socket) => {
    const { transportConnect } = socket;
    const ask = async () => {
      // It changes when the socket is connected by somebody else, or is to stay closed.
      const { connectClock } = socket;
      const isThere = await answers(ownScript);
      if (socket.connectClock !== connectClock) return;
      if (isThere) transportConnect.call(socket);
      else socket.reconnectTimer.scheduleTimeout();
    };
    socket.transportConnect = () => {
      const isEarly = socket.longPollFallbackMs || socket.reconnectTimer.tries <= 5;
      if (isEarly || socket.transport === Phoenix.LongPoll || !isOwn(ownScript)) transportConnect.call(socket);
      else ask();
    };
  };

  // A page that goes closes its WebSocket. Where it polls, it says so by a request that outlives it.
  const sayGoodbye = (socket) => {
    const say = () => {
      const isPolling = socket.transport === Phoenix.LongPoll && socket.conn?.token;
      if (isPolling) navigator.sendBeacon(`${socket.conn.endpointURL()}&goodbye`);
    };
    // Before the client's own listener, which ends the session in the page.
    window.addEventListener("pagehide", say, { capture: true });
  };

  // The client's own steps, each with a chance of its own: the pages of a server that goes away lose it in one
  // moment, and would all come to the next one in another, again and again.
  const STEPS = [10, 50, 100, 150, 200, 250, 500, 1000, 2000];
  const reconnectAfterMs = (tries) => {
    const step = STEPS[tries - 1] ?? 5000;
    return step / 2 + Math.random() * Math.max(step, 250);
  };

  // What a view may ask for with `Socket::connect_params`.
  const browser = () => ({
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    locale: navigator.language,
    window_width: window.innerWidth,
  });

  // What the server itself reads. A view is told what the address bar shows, which a script may have changed.
  const required = (view) => ({
    _csrf_token: document.querySelector("meta[name='csrf-token']")?.content,
    ...(view && { _url: window.location.href }),
  });

  // Each join has a number, and says that of the last one of its element whose answer has come, which the client
  // counts: a server where a view of the page waits knows by it whether the page has seen another one since. Each
  // live navigation makes another element, of the same name.
  const joins = new WeakMap();
  const numbered = (element, count) => {
    const before = joins.get(element) ?? { count: 0, number: 0, seen: 0 };
    const seen = count > before.count ? before.number : before.seen;
    const number = 1 + Math.floor(Math.random() * 0xfffffffe);
    joins.set(element, { count, number, seen });
    return { _join: number, _seen: seen };
  };

  // What an event leaves to the browser and its command asks for by name. A click by the keyboard is in
  // the middle of its element.
  const measured = (event, element) => {
    const { x: left, y: top, width, height } = element.getBoundingClientRect();
    const x = event.detail ? event.clientX : left + width / 2;
    const y = event.detail ? event.clientY : top + height / 2;
    return {
      client_x: Math.round(x), client_y: Math.round(y),
      page_x: Math.round(x + window.scrollX), page_y: Math.round(y + window.scrollY),
      offset_x: Math.round(x - left), offset_y: Math.round(y - top),
      element_width: Math.round(width), element_height: Math.round(height),
      alt_key: event.altKey, ctrl_key: event.ctrlKey, meta_key: event.metaKey, shift_key: event.shiftKey,
      repeat: Boolean(event.repeat), code: event.code ?? "",
    };
  };
  // Of a click elsewhere the client names what was clicked, not the element that asks: one that does not
  // contain it.
  const brought = (event, element) => {
    const isAway = event.type === "click" && element === event.target;
    const away = isAway ? [...document.querySelectorAll(`[phx-click-away*='"brings"']`)] : [];
    const asking = [element, ...away.filter((one) => !one.contains(element))];
    const attributes = asking.flatMap((one) => [...one.attributes]).filter(({ name }) => name.startsWith("phx-"));
    const asks = attributes.flatMap(({ value }) => [...value.matchAll(/"brings":"([a-z_ ]+)"/g)]);
    const names = asks.flatMap(([, names]) => names.split(" "));
    const values = names.length ? measured(event, element) : {};
    return Object.fromEntries(names.map((name) => [name, values[name]]));
  };
  const measuring = (own) => {
    const both = (kind) => (event, element) => ({ ...own[kind]?.(event, element), ...brought(event, element) });
    return Object.fromEntries(["click", "keydown", "keyup"].map((kind) => [kind, both(kind)]));
  };

  // While an element waits for an answer the client changes a copy of it, and shows that with the answer. Of a
  // form that is sent before its changes are answered, the inputs wait longer than the form, and each has a
  // copy of its own within the form's: the client shows the one that was made first, without the last
  // letters. And a copy that was made before the connection was lost is shown with the next answer.
  const LOCK = "data-phx-ref-lock";
  // Who does not know the selector throws at it.
  const tellsModal = window.CSS?.supports("selector(:modal)");
  const isModal = (element) => element.localName === "dialog" && tellsModal && element.matches(":modal");
  const keepingAnswers = (typed, own = {}) => ({
    onBeforeElUpdated(shown, next) {
      if (shown.phxPrivate?.[LOCK] && !shown.hasAttribute(LOCK)) delete shown.phxPrivate[LOCK];
      typed.keep(shown, next);
      // Without its `open` a modal dialog is not seen, and the page around it cannot be used.
      if (isModal(shown)) next.setAttribute("open", "");
      own.onBeforeElUpdated?.(shown, next);
    },
    onPatchEnd(container) {
      for (const waiting of container.querySelectorAll(`[${LOCK}]`)) {
        const newer = waiting.phxPrivate?.[LOCK]?.phxPrivate?.[LOCK];
        if (newer) waiting.phxPrivate[LOCK] = newer;
      }
      own.onPatchEnd?.(container);
    },
  });

  // What a form has sent stays in its controls until the view has taken it in, or shows something else in them than it
  // did then. An event that was refused, or has failed, may be with its page alone; the server says so before its answer.
  const keepTyped = () => {
    // Of each form, its last event: the view, the event's number there, and in which controls the view has shown
    // something else since.
    const sent = new WeakMap();
    const refusing = new Set();
    const followed = new WeakSet();
    const isTypedIn = "select, textarea, input:not([type=hidden], [type=file])";
    // What the view shows in each control; what stands in the page may be older.
    const shows = new WeakMap();
    const chosen = (select, flag) => [...select.options].filter((option) => option[flag]).map(({ value }) => value);
    const shownIn = (control) => {
      const { name, type, options, defaultValue, defaultChecked } = control;
      const content = options ? chosen(control, "defaultSelected") : [defaultValue, defaultChecked];
      return shows.get(control) ?? JSON.stringify([name, type, content]);
    };
    const followAnswers = (view) => {
      if (followed.has(view)) return;
      followed.add(view);
      const { undoRefs } = view;
      view.undoRefs = (ref, event, elements) => {
        // With elements it is no answer.
        const isTakenIn = !elements && !refusing.delete(view.id);
        for (const form of isTakenIn ? document.forms : []) {
          const last = sent.get(form);
          if (last?.view === view && last.ref === ref) sent.delete(form);
        }
        undoRefs.call(view, ref, event, elements);
      };
    };
    return {
      follow: (liveSocket) => {
        window.addEventListener("phx:live_view:refused", ({ detail }) => refusing.add(detail.id));
        window.addEventListener("phx:push", ({ target: form, detail: { eventType, ref } }) => {
          if (form.localName !== "form" || !["change", "submit"].includes(eventType)) return;
          const view = liveSocket.getViewByEl(document.getElementById(form.getAttribute("data-phx-ref-src")));
          followAnswers(view);
          sent.set(form, { view, ref, replaced: new WeakSet() });
        });
      },
      keep: (shown, next) => {
        if (!shown.matches(isTypedIn)) return;
        const [before, now] = [shownIn(shown), shownIn(next)];
        shows.set(shown, now);
        const replaced = sent.get(shown.form)?.replaced;
        if (before !== now) replaced?.add(shown);
        if (!replaced || replaced.has(shown)) return;
        if (shown.options) {
          const values = chosen(shown, "selected");
          for (const option of next.options) {
            option.selected = values.includes(option.value);
            option.toggleAttribute("selected", option.selected);
          }
        } else if (["checkbox", "radio"].includes(shown.type)) {
          next.checked = shown.checked;
        } else {
          next.value = shown.value;
        }
      },
    };
  };

  // An element that says `data-confirm="…?"` asks before its click is anything, a form before it is sent.
  // A click on a label is at once one on its control too, which has then been asked about.
  const askFirst = () => {
    const asksForClick = "[data-confirm]:not(form)";
    let asked = null;
    const ask = (event) => {
      const isForm = event.type === "submit";
      const asking = isForm ? event.target : event.target.closest?.(asksForClick);
      const question = asking?.getAttribute("data-confirm");
      if (!question || event.target === asked) return;
      if (window.confirm(question)) {
        const control = event.target.closest("label")?.control;
        asked = control?.closest(asksForClick) === asking ? control : null;
        setTimeout(() => (asked = null));
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener("click", ask, { capture: true });
    window.addEventListener("submit", ask, { capture: true });
    // The middle button opens a link in a tab of its own.
    const askForTab = (event) => event.button === 1 && event.target.closest?.("a[href]") && ask(event);
    window.addEventListener("auxclick", askForTab, { capture: true });
  };

  // The client drops a click on an element that still waits for the answer to the last one. Where each
  // click counts, as on a stepper, the element says `data-each-click`.
  const sendEachClick = (liveSocket) => {
    const send = (event) => {
      const element = event.target.closest?.("[phx-click]");
      if (!element?.matches("[data-each-click][data-phx-ref-src]")) return;
      const click = element.getAttribute("phx-click");
      const commands = click.startsWith("[") ? JSON.parse(click) : [["push", { event: click }]];
      const data = brought(event, element);
      const pushed = commands.map(([kind, args]) => [kind, kind === "push" ? { ...args, data } : args]);
      liveSocket.execJS(element, JSON.stringify(pushed), "click");
    };
    window.addEventListener("click", send, { capture: true });
  };

  // A button that asks for rows of its form sends that as a change: nothing else is said about the form.
  // Enter in an input presses the first button of a form, and means none of these.
  const askForRows = (liveSocket) => {
    const asks = "button[data-row-edit]";
    let isEntered = false;
    const enter = ({ key, target }) => (isEntered = key === "Enter" && target.matches?.("input"));
    window.addEventListener("keydown", enter, { capture: true });
    window.addEventListener("keyup", () => (isEntered = false), { capture: true });
    const ask = (event) => {
      const button = event.target.closest?.(asks);
      const form = button?.form;
      if (!form) return;
      if (isEntered || !button.name) {
        const meant = [...form.elements].find((other) => other.type === "submit" && !other.matches(asks));
        if (!meant) return;
        event.preventDefault();
        meant.click();
      } else if (form.hasAttribute("phx-change")) {
        event.preventDefault();
        liveSocket.execJS(button, JSON.stringify([["dispatch", { event: "change" }]]));
      }
    };
    window.addEventListener("click", ask, { capture: true });
  };

  // A form with `data-unsaved` asks before its page is left without sending it, also by another form or
  // a plain link. The browser's own question would come after the client has left the page's views for that.
  const guardUnsaved = (liveSocket) => {
    // Sent, or given up by who was asked.
    let settled = [];
    const all = () => [...document.querySelectorAll("form[data-unsaved]:not([phx-trigger-action])")];
    const unsaved = () => all().find((form) => !settled.includes(form));
    const loads = ({ target: form, submitter, defaultPrevented }) => {
      const says = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name);
      return !defaultPrevented && !form.hasAttribute("phx-submit") && says("method") !== "dialog" && says("target") !== "_blank";
    };
    const ask = (event) => {
      if (!unsaved()) return;
      if (window.confirm(unsaved().dataset.unsaved)) {
        settled = all();
        return;
      }
      settled = [];
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener("submit", (event) => {
      settled = loads(event) ? [event.target] : [];
      if (settled.length > 0) ask(event);
    });
    const plain = "a[href]:not([data-phx-link], [phx-click], [target=_blank], [download])";
    const askAtLink = (event) => {
      const link = event.target.closest?.(plain);
      const isHere = link?.protocol?.startsWith("http") && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      const [to, shown] = [String(link?.href), window.location.href].map((url) => url.split("#")[0]);
      if (isHere && to !== shown) ask(event);
    };
    window.addEventListener("click", askAtLink, { capture: true });
    window.addEventListener("beforeunload", (event) => {
      if (unsaved()) event.preventDefault();
    });
    window.addEventListener("phx:before-navigate", (event) => {
      const stays = event.detail.patch || !unsaved();
      if (!stays && !window.confirm(unsaved().dataset.unsaved)) event.preventDefault();
    });
    // The client asks about links and the history. Commands are asked about here, the server's word is not.
    const { historyRedirect } = liveSocket;
    liveSocket.historyRedirect = (event, href, ...rest) => {
      const link = rest.at(2);
      const isAsked = event.type === "phx:server-navigate" || link?.hasAttribute("data-phx-link");
      const to = new URL(href, window.location.href).href;
      const detail = { href: to, patch: false, pop: false, direction: "forward" };
      if (!isAsked && !liveSocket.dispatchBeforeNavigate(detail)) return;
      historyRedirect.call(liveSocket, event, href, ...rest);
    };
  };

  // Scripts or styles were replaced on the server while this page was open: take the new ones. The server
  // says so once, after a reconnect, and never to a page that it has just served, so no reload can loop.
  const takeNewAssets = (kept) => {
    window.addEventListener("phx:live_view:assets_changed", () => {
      kept.carry({ isCertain: true });
      window.location.reload();
    });
  };

  // What views want kept when their server goes away, sealed: the page keeps it with the view's element, and
  // gives it back with each join, where the server takes it if it had to mount the view anew. It is gone with
  // the page, so that a reload by the visitor begins anew, but a reload of ours takes that of the page's
  // own view along, within the tab and once.
  const CARRIED = "belvedere:snapshot";
  const keepSnapshots = () => {
    const kept = new WeakMap();
    const here = () => window.location.pathname + window.location.search;
    const main = () => document.querySelector("[data-phx-main]");
    const carry = (carried) => {
      try {
        if (carried) sessionStorage.setItem(CARRIED, JSON.stringify(carried));
        else sessionStorage.removeItem(CARRIED);
      } catch {
        // The storage is full or forbidden: the page begins anew.
      }
    };
    const taken = () => {
      try {
        const { url, snapshot } = JSON.parse(sessionStorage.getItem(CARRIED)) ?? {};
        return url === here() ? snapshot : undefined;
      } catch {
        return undefined;
      }
    };
    // By the page before, for the first join.
    let carried = taken();
    let isLoadingAnew = false;
    carry(null);
    window.addEventListener("phx:live_view:snapshot", ({ detail }) => {
      const view = document.getElementById(detail.id);
      if (view && detail.kept) kept.set(view, detail.kept);
      else kept.delete(view);
    });
    window.addEventListener("phx:page-loading-stop", ({ detail }) => {
      if (detail.kind !== "initial") return;
      carried = undefined;
      // A reload that was to come is called off by a join.
      if (!isLoadingAnew) carry(null);
    });
    return {
      of: (view) => {
        const snapshot = kept.get(view) ?? (view?.hasAttribute("data-phx-main") ? carried : undefined);
        return snapshot && { _snapshot: snapshot };
      },
      carry: ({ isCertain }) => {
        const snapshot = kept.get(main());
        isLoadingAnew = isCertain;
        carry(snapshot && { url: here(), snapshot });
      },
    };
  };

  // The client loads a page anew whose join has failed, unless it is back before. What has been carried to this
  // page is not carried on: it may be the reason.
  const carryOverReloads = (liveSocket, kept) => {
    const { reloadWithJitter } = liveSocket;
    liveSocket.reloadWithJitter = (...args) => {
      kept.carry({ isCertain: false });
      return reloadWithJitter.apply(liveSocket, args);
    };
  };

  // A debug build of the server says which event it could not read, on pages that do not show it.
  const showUnread = () => {
    window.addEventListener("phx:live_view:unread", ({ detail }) => {
      const id = "live-view-unread";
      const note = document.getElementById(id) ?? document.createElement("button");
      Object.assign(note, { id, type: "button", title: "Dismiss", textContent: detail.text });
      note.setAttribute("role", "alert");
      note.style.cssText = "position:fixed;z-index:9999;inset:auto 1rem 1rem;padding:1rem;font:inherit";
      note.addEventListener("click", () => note.remove(), { once: true });
      document.body.append(note);
    });
  };

  // What the page marks with `data-focus`, or its heading.
  const heading = () => {
    const page = document.querySelector("[data-phx-main]");
    return page?.querySelector("[data-focus]") ?? page?.querySelector("h1") ?? page;
  };

  // The element, which can have the focus from now on.
  const focusable = (liveSocket, element) => {
    if (element?.tabIndex < 0 && !element.hasAttribute("tabindex")) {
      element.tabIndex = -1;
      liveSocket.js().ignoreAttributes(element, "tabindex");
    }
    return element;
  };

  // Live navigation brings a page without loading it. Say its title to those who do not see it, and
  // move the focus to its heading.
  const announceArrivals = (liveSocket) => {
    const announcer = document.createElement("div");
    announcer.setAttribute("aria-live", "assertive");
    announcer.id = "live-announcer";
    announcer.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
    // A region is read out when its text changes, so it is there before the first.
    document.addEventListener("DOMContentLoaded", () => document.body.append(announcer), { once: true });
    if (document.readyState !== "loading") document.body.append(announcer);
    const named = () => {
      const hash = window.location.hash.slice(1);
      try {
        return document.getElementById(decodeURIComponent(hash));
      } catch {
        return document.getElementById(hash);
      }
    };
    // Who writes beside the page goes on.
    const beside = ":not([data-phx-main]) :is(input, textarea, [contenteditable])";
    const keepsFocus = `[phx-hook='Phoenix.FocusWrap'], [data-phx-session]${beside}`;
    const arrive = () => {
      const target = focusable(liveSocket, named() ?? heading());
      if (!document.activeElement?.closest(keepsFocus)) target?.focus({ preventScroll: true });
      announcer.textContent = "";
      // The client sets the title in the next frame.
      const say = () => (announcer.textContent = document.title);
      window.requestAnimationFrame(() => window.requestAnimationFrame(say));
    };
    // The first page is the document's own; each that begins after it takes its place. Each says again that
    // it has loaded when it is back after an outage.
    let isFirst = true;
    let isArriving = false;
    window.addEventListener("phx:page-loading-start", ({ detail }) => {
      if (detail.kind !== "initial") return;
      isArriving = !isFirst;
      isFirst = false;
    });
    window.addEventListener("phx:page-loading-stop", ({ detail }) => {
      if (!isArriving || detail.kind !== "initial") return;
      isArriving = false;
      arrive();
    });
  };

  // What the client's hook leaves to be done for `focus_wrap`.
  const keepFocus = (liveSocket) => {
    const wraps = "[phx-hook='Phoenix.FocusWrap']";
    // A wrap that has the focus as a whole holds it: its ends send the focus to what takes it within, ...
    window.addEventListener("keydown", (event) => {
      const wrap = event.target;
      // WebKitGTK has no name for the key when it is held with Shift.
      if (![event.key, event.code].includes("Tab") || !wrap.matches?.(wraps)) return;
      event.preventDefault();
      (event.shiftKey ? wrap.firstElementChild : wrap.lastElementChild).focus();
    });
    // ... or keep it where nothing does.
    window.addEventListener("focusin", ({ target }) => {
      const isEnd = target.matches?.(`${wraps} > [aria-hidden='true'][tabindex='0']`);
      if (isEnd && document.activeElement === target) target.parentElement.focus({ preventScroll: true });
    });
    // What had the focus before may be gone: then it goes to the dialog around, or to the page's heading.
    window.addEventListener("live_view:focus-back", ({ target: leaving }) => {
      const look = () => {
        const focused = document.activeElement;
        // What leaves may fade first.
        if (focused && focused !== document.body && !leaving.contains(focused)) return;
        const isOpen = (wrap) => !leaving.contains(wrap);
        const around = [...document.querySelectorAll(wraps)].filter(isOpen).at(-1);
        if (around) liveSocket.execJS(around, JSON.stringify([["focus_first", {}]]));
        else focusable(liveSocket, heading())?.focus({ preventScroll: true });
      };
      // The client gives the focus back in the frame after the next.
      window.requestAnimationFrame(() => window.requestAnimationFrame(look));
    });
  };

  // A link shows that its page is awaited. The client does not see that another one is, and a link outside of the page
  // would show it for ever.
  const unmarkLeftLinks = () => {
    const unmark = (next) => {
      for (const link of document.querySelectorAll("[data-phx-link='redirect'].phx-click-loading")) {
        if (link.href !== next) link.classList.remove("phx-click-loading");
      }
    };
    window.addEventListener("phx:page-loading-start", ({ detail }) => {
      if (detail.kind === "redirect") unmark(detail.to);
    });
    window.addEventListener("phx:navigate", ({ detail }) => {
      if (detail.pop) unmark(null);
    });
  };

  // What `Socket::push_js` sends.
  const runPushedCommands = (liveSocket) => {
    window.addEventListener("phx:live_view:js", ({ detail }) => {
      const view = document.getElementById(detail.id);
      if (view) liveSocket.execJS(view, JSON.stringify(detail.js));
    });
  };

  // A form that is sent waits for its files, and where one of them fails, the client lets it wait, and sends it when
  // that file is taken away, whatever has been typed until then. The answer to whatever is sent after it releases it:
  // here, that a message is dismissed which nobody has put. It is sent when it is asked to be again.
  const releaseForms = (liveSocket) => {
    window.addEventListener("phx:live_view:upload_failed", ({ detail }) => {
      const form = document.getElementById(detail.id)?.form;
      if (!form) return;
      liveSocket.owner(form, ({ activeUploaders }) => {
        for (const uploader of activeUploaders) {
          const isOfForm = uploader.entries().some(({ fileEl }) => fileEl.form === form);
          if (isOfForm && !uploader.isAutoUpload()) uploader.onComplete = () => activeUploaders.delete(uploader);
        }
      });
      const dismiss = { event: "lv:clear-flash", value: { key: "" } };
      liveSocket.execJS(form, JSON.stringify([["push", dismiss]]));
    });
  };

  // While elements fade, messages wait. The client takes what has faded out of the page after all of these, even if one
  // of them has brought it back.
  const takeOutBeforeMessages = (liveSocket) => {
    const { transitionRemoves, transitions } = liveSocket;
    liveSocket.transitionRemoves = (...args) => {
      const waiting = transitions.pendingOps.splice(0);
      transitionRemoves.apply(liveSocket, args);
      transitions.pendingOps.push(...waiting);
    };
  };

  // Those that come after one at which the client throws would wait for another fade.
  const goOnAfterErrors = (liveSocket) => {
    const { requestDOMUpdate } = liveSocket;
    liveSocket.requestDOMUpdate = (update) => {
      const attempt = () => {
        try {
          update();
        } catch (error) {
          window.reportError(error);
        }
      };
      requestDOMUpdate.call(liveSocket, attempt);
    };
  };

  // What the client's views do, which all share.
  const mendViews = (liveSocket) => {
    let isMended = false;
    const { newRootView } = liveSocket;
    liveSocket.newRootView = (...args) => {
      const view = newRootView.apply(liveSocket, args);
      if (!isMended) [leaveWithContainers, placeRows, goOnToLinks].forEach((mend) => mend(Object.getPrototypeOf(view)));
      isMended = true;
      return view;
    };
  };

  // The client forgets a nested view whose container goes by itself, but not one in a row of a stream, a portal or
  // anything else that goes as a whole. Such a view fails at the answer to its join, and with it all that waits to be
  // joined; and its container, back under another name, would be taken for its own.
  const leaveWithContainers = (views) => {
    const isGone = (view) => !document.getElementById(view.id);
    const leave = (root) => {
      const nested = Object.values(root.children).flatMap((children) => Object.values(children));
      // What stands in the answer to a join is not in the page before that of the view around it.
      const gone = nested.filter((view) => view.parent && !view.parent.isJoinPending() && isGone(view));
      gone.filter((view) => !view.isDestroyed()).forEach((view) => view.destroy());
    };
    const { afterElementsRemoved, applyDiff, applyJoinPatch, joinChild } = views;
    views.afterElementsRemoved = function (...args) {
      afterElementsRemoved.apply(this, args);
      leave(this.root);
    };
    views.applyDiff = function (...args) {
      if (!this.isDestroyed()) applyDiff.apply(this, args);
    };
    views.applyJoinPatch = function (...args) {
      if (this.isDestroyed()) return;
      if (isGone(this)) this.destroy();
      else applyJoinPatch.apply(this, args);
    };
    views.joinChild = function (container) {
      if (this.isDestroyed()) return false;
      const bound = container.phxPrivate?.view;
      if (bound && bound !== this.getChildById(container.id)) {
        if (!bound.isDestroyed()) bound.destroy();
        delete container.phxPrivate.view;
      }
      return joinChild.call(this, container);
    };
  };

  // The server may say another URL while the page is on its way to one, which the server is asked for next. The client
  // would forget where the page goes, and show it under the URL that was said. An answer says where it has got to instead.
  // What is said after the answer comes after it in the page too, also where the page has not shown the answer yet.
  const goOnToLinks = (views) => {
    const { onChannel, pushLinkPatch, wrapPush } = views;
    let link = null;
    let isAsking = false;
    views.pushLinkPatch = function (event, href, element, arrive) {
      let hasArrived = false;
      // Of a step through the history the browser shows the URL already.
      const asked = { isAnswered: false, isStep: event.type === "popstate" };
      asked.arrive = (linkRef) => {
        if (!hasArrived) arrive?.(linkRef);
        hasArrived = true;
      };
      link = asked;
      isAsking = true;
      pushLinkPatch.call(this, event, href, element, asked.arrive);
      isAsking = false;
      asked.linkRef = this.liveSocket.linkRef;
    };
    views.wrapPush = function (push, receives) {
      const asked = isAsking ? link : null;
      // Another view is still on its way after the answer.
      const hear = ({ link_redirect: leaves }) => (asked.isAnswered = !leaves);
      wrapPush.call(this, asked ? () => push().receive("ok", hear) : push, receives);
    };
    // By what the server has said: the link that it had answered before.
    const answered = new WeakMap();
    views.onChannel = function (event, callback) {
      if (event !== "live_patch") return onChannel.call(this, event, callback);
      const { channel, liveSocket } = this;
      channel.on(event, (patch) => link?.isAnswered && answered.set(patch, link));
      const show = (patch) => {
        const { linkRef, pendingLink } = liveSocket;
        const before = answered.get(patch);
        if (pendingLink !== null && before?.linkRef === linkRef) {
          liveSocket.commitPendingLink(linkRef);
          this.applyPendingUpdates();
          before.arrive(linkRef);
          return callback(patch);
        }
        // Of a navigation nobody knows what it was asked by.
        const isStep = link?.linkRef === linkRef ? link.isStep : pendingLink === window.location.href;
        if (pendingLink === null || !isStep) callback(patch);
        if (pendingLink !== null) Object.assign(liveSocket, { linkRef, pendingLink });
      };
      onChannel.call(this, event, show);
    };
  };

  // The client takes the rows beyond a stream's limit away while it carries a message out. It loses one of them that the
  // message brings back further on, keeps what was in one that the message has brought, and counts what stands beside the
  // rows and those that are about to fade. Here they are followed as the message places them.
  const placeRows = (views) => {
    const { performPatch } = views;
    views.performPatch = function (patch, ...rest) {
      followRows(patch);
      return performPatch.call(this, patch, ...rest);
    };
  };
  const followRows = (patch) => {
    // By their containers, in order.
    const followed = new Map();
    const shownIn = (container, { ref, reset }, added) => {
      const isShown = (row) => row !== added && row.dataset.phxStream === ref && !patch.pendingRemoves.includes(row);
      if (!followed.has(container)) followed.set(container, reset ? [] : [...container.children].filter(isShown));
      return followed.get(container);
    };
    const place = (rows, row, at, isNew) => {
      const index = at < 0 ? rows.length : Math.min(at, rows.length);
      rows.splice(index, 0, row);
      // At the end the client has put a new one where it belongs.
      if (isNew && at < 0) return;
      const container = row.parentElement;
      let next = container.firstElementChild;
      if (at !== 0 && rows[index + 1]) next = rows[index + 1];
      else if (index > 0) next = rows[index - 1].nextElementSibling;
      if (next !== row) patch.moveOrInsertBefore(container, row, next);
    };
    let turns;
    const take = (rows, limit, placed) => {
      if (limit === null) return;
      const gone = limit < 0 ? rows.splice(0, Math.max(rows.length + limit, 0)) : rows.splice(limit);
      if (gone.length === 0) return;
      turns ??= new Map(Object.keys(patch.streamInserts).map((id, turn) => [id, turn]));
      const isToCome = ({ id }) => turns.get(id) > turns.get(placed.id) && !patch.streamInserts[id].updateOnly;
      for (const row of gone.filter((row) => !isToCome(row))) {
        delete patch.streamInserts[row.id];
        patch.removeStreamChildElement(row);
      }
    };
    patch.maybeReOrderStream = (element, isNew = false) => {
      const insert = patch.getStreamInsert(element);
      if (insert.streamAt === undefined) return;
      patch.setStreamRef(element, insert.ref);
      // While a row waits for an answer the client changes a copy of it.
      const row = element.parentElement ? element : document.getElementById(element.id);
      if (!row) return;
      const rows = shownIn(row.parentElement, insert, isNew ? row : null);
      if (rows.includes(row) || (insert.updateOnly && !isNew)) return;
      place(rows, row, insert.streamAt, isNew);
      take(rows, insert.limit, row);
    };
  };

  reviveWithoutScripts();
  window.Belvedere = { connect };
})();

// Connects the page to its live views, with the hooks of js/hooks/, which stand before this in one script.
Belvedere.connect({ hooks: { Reorder } });

// Marks the current page in the menu. The menu belongs to the layout, which live navigation leaves as it is.
(() => {
  const markMenu = () => {
    const { pathname } = window.location;
    for (const link of document.querySelectorAll(".site-header nav a")) {
      const menu = link.getAttribute("href");
      const isBelow = menu !== "/" && pathname.startsWith(`${menu}/`);
      if (pathname === menu) link.setAttribute("aria-current", "page");
      else if (isBelow) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  window.addEventListener("phx:navigate", markMenu);
})();

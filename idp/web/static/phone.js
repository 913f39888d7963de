"use strict";

// The page works without: then it looks again by itself, and has a button. With it, it looks quietly and changes only
// when the phone has.
(() => {
  const waiting = document.querySelector("[data-state-href]");
  if (!waiting) return;
  const { state, stateHref } = waiting.dataset;
  const look = async () => {
    try {
      const answer = await fetch(stateHref, { cache: "no-store" });
      if (answer.ok && (await answer.text()) !== state) {
        location.replace(location.pathname);
        return;
      }
    } catch {
      // The network comes back, or the time is over.
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();

// Asks again each second what still changes: a [data-poll] node gets the event "tick", on which
// its hx-trigger fetches. Nothing is asked while the page is hidden; a broken line is asked less.

const PACE = 1000;
const SLOWEST = 16000;

/** Brings one [data-poll] node to life; it rests for good when it leaves the page. */
export function start(node) {
  let pace = PACE;
  let next = 0;
  const lost = (event) => {
    // The page says it in place; a toast a second would be noise.
    event.stopPropagation();
    pace = Math.min(SLOWEST, pace * 2);
    node.querySelector("[data-poll-lost]")?.removeAttribute("hidden");
  };
  node.addEventListener("htmx:responseError", lost);
  node.addEventListener("htmx:sendError", lost);
  node.addEventListener("htmx:afterOnLoad", () => (pace = PACE));
  const timer = setInterval(() => {
    if (!node.isConnected) clearInterval(timer);
    else if (!document.hidden && Date.now() >= next && !node.classList.contains("htmx-request")) {
      next = Date.now() + pace - PACE / 4;
      node.dispatchEvent(new CustomEvent("tick"));
    }
  }, PACE);
}

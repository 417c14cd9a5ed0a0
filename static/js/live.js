// A page that stays open asks now and then whether something changed: one conditional request,
// none while nobody looks at the page. What changed is fetched by whoever listens.

import { t, toast } from "./text.js";

const EVERY = 4000;
const LONGEST = 60000;
const GONE = [401, 403, 404, 410];

/** Asks `url` until the page is left. `changed()` runs on another ETag than `tag`, that of the page
 *  as it was read; `gone()` once the address answers no more. */
export function watch(url, tag, { changed, gone }) {
  let seen = tag;
  let wait = EVERY;
  let timer = 0;
  let asking = null;

  const later = () => {
    clearTimeout(timer);
    if (!document.hidden && wait) timer = setTimeout(ask, wait);
  };

  async function ask() {
    if (asking) return;
    asking = new AbortController();
    try {
      // The address says all there is to know: no cookie travels, so no session is read.
      const answer = await fetch(url, {
        headers: { "If-None-Match": seen },
        cache: "no-store", credentials: "omit", signal: asking.signal,
      });
      if (GONE.includes(answer.status)) {
        wait = 0;
        gone();
        return;
      }
      if (answer.ok) {
        const fresh = answer.headers.get("ETag");
        if (fresh !== seen) changed();
        seen = fresh;
      }
      wait = answer.ok || answer.status === 304 ? EVERY : Math.min(wait * 2, LONGEST);
    } catch (error) {
      if (error.name !== "AbortError") wait = Math.min(wait * 2, LONGEST);
    } finally {
      asking = null;
      later();
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      asking?.abort();
    } else if (wait) {
      wait = EVERY;
      ask();
    }
  });
  later();
}

// What a reader has unfolded or is just choosing from stays as it is.
function keepOpen(event) {
  const part = event.detail.target;
  const open = [...part.querySelectorAll("details[id][open]")].map((each) => each.id);
  const scrolled = [...part.querySelectorAll("details[id] .dash-scroll")].map((each) => each.scrollTop);
  part.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    [...part.querySelectorAll("details[id] .dash-scroll")].forEach((each, at) => (each.scrollTop = scrolled[at] ?? 0));
  }, { once: true });
}

function isBusy(part) {
  return Boolean(part.querySelector("details.menu[open], form[data-busy], :active"));
}

const BUSY = 1000;

/** Tells a page that is [data-live] what changed once nobody is busy with a part of it. */
function teller() {
  const busy = new Set();
  let timer = 0;
  const tell = () => window.htmx.trigger(document.body, "live:changed");
  function again() {
    if ([...busy].some((part) => part.isConnected && isBusy(part))) return wait();
    busy.clear();
    tell();
  }
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(again, BUSY);
  }
  return { tell, putOff: (part) => { busy.add(part); wait(); } };
}

/** Brings one [data-live] page to life: each of its parts hears `live:changed` on the body. */
export function start(node) {
  const { tell, putOff } = teller();
  node.addEventListener("htmx:beforeRequest", (event) => {
    const byTimer = event.detail.requestConfig.triggeringEvent?.type === "live:changed";
    if (!byTimer || !isBusy(event.detail.elt)) return;
    event.preventDefault();
    putOff(event.detail.elt);
  });
  node.addEventListener("htmx:beforeSwap", keepOpen);
  watch(node.dataset.live, node.dataset.liveTag, {
    changed: tell,
    gone: () => toast(t("live.gone"), "warn"),
  });
}

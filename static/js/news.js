// The list says that something changed in it; whoever presses sees it, and nothing moves before.

import { watch } from "./live.js";
import { t, toast } from "./text.js";

const TABLE = "#case-table";

const rowsOf = (list) => [...list.querySelectorAll("[data-row][data-version]")];

function question(button, list) {
  const asked = new URLSearchParams(list.dataset.query);
  asked.set("since", list.dataset.at);
  asked.set("shown", rowsOf(list).map((row) => `${row.dataset.id}.${row.dataset.version}`).join(","));
  return `${button.dataset.newsOf}?${asked}`;
}

// What happened to a case is often what a person was told of: the bell says so with it.
function unreadNow(unread) {
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.hidden = !unread;
    badge.querySelector("[data-unread-count]").textContent = unread;
  }
}

/** Brings the [data-news] button of a list to life. */
export function start(button) {
  const list = () => document.querySelector(`${TABLE} [data-rows]`);

  async function count() {
    const of = list();
    const answer = await fetch(question(button, of), { headers: { Accept: "application/json" } });
    // What was fetched anew meanwhile is not old any more.
    if (!answer.ok || of !== list()) return;
    const { count: n, unread } = await answer.json();
    unreadNow(unread);
    button.hidden = n === 0;
    button.textContent = n ? t("list.news", { n }) : "";
  }

  button.addEventListener("click", () => {
    window.htmx.ajax("GET", location.href, { source: button, target: TABLE, swap: "innerHTML" });
  });
  document.querySelector(TABLE).addEventListener("htmx:afterSwap", () => {
    const focused = document.activeElement === button;
    button.hidden = true;
    if (focused) list()?.querySelector("a[href]")?.focus({ preventScroll: true });
  });
  watch(button.dataset.news, button.dataset.newsTag, {
    // A line that breaks is heard of at the next poll.
    changed: () => count().catch(() => (button.hidden = true)),
    gone: () => toast(t("live.gone"), "warn"),
  });
}

// Clocks on a page that stays open: "3 分钟前" moves on, and a limit that passes is said.
// How much is left is told in working time and comes from the server alone.

import { t } from "./text.js";

function refreshAgo(node, now) {
  const minutes = Math.floor((now - Date.parse(node.dateTime)) / 60000);
  if (!(minutes >= 0) || minutes >= 24 * 60) return;
  if (minutes < 1) node.textContent = t("clock.now");
  else if (minutes < 60) node.textContent = t("clock.minutes", { n: minutes });
  else node.textContent = t("clock.hours", { n: Math.floor(minutes / 60) });
}

function markPassed(node, now) {
  if (now < Date.parse(node.dataset.due)) return;
  node.removeAttribute("data-due");
  node.className = node.className.replace(/tone-\w+/g, "").trim() + " tone-bad";
  node.textContent = t("clock.passed");
}

function tick() {
  const now = Date.now();
  document.querySelectorAll("time[data-ago]").forEach((node) => refreshAgo(node, now));
  document.querySelectorAll(".clock[data-due]:not(.tone-bad)").forEach((node) => markPassed(node, now));
}

/** Looks at the clocks every half minute. */
export function start() {
  setInterval(tick, 30000);
}

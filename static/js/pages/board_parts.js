// Columns and cards of the board, and the one POST that hands a card over.

import { csrfToken, t, uuid } from "../text.js";

const WORDS = { 403: "net.forbidden", 404: "net.gone", 409: "net.taken", 429: "net.often" };
const FULL = 85;

export const columnsOf = (page) => [...page.querySelectorAll(".lane-column")];
export const columnOf = (card) => card.closest(".lane-column");

/** Before which card of a column a card belongs by its time left; null for the end. */
export function placeIn(column, card) {
  const peers = [...column.querySelectorAll(".order-card[data-order]")].filter((each) => each !== card);
  return peers.find((each) => Number(each.dataset.due) > Number(card.dataset.due)) ?? null;
}

/** Puts a card where it belongs in a column. */
export function place(card, column) {
  const from = columnOf(card);
  const list = column.querySelector("ul");
  list.insertBefore(card, placeIn(column, card) ?? list.querySelector(".nothing"));
  [from, column].filter(Boolean).forEach(reckon);
}

/** Counts a column anew: how many cards, and how much of the shift they take. */
export function reckon(column) {
  const cards = [...column.querySelectorAll(".order-card[data-order]")];
  column.classList.toggle("is-empty", cards.length === 0);
  column.querySelector("[data-count]").textContent = t("board.count", { n: cards.length });
  const words = column.querySelector("[data-load]");
  if (!words) return;
  // Cards that a filter hides count as well.
  const used = cards.reduce((sum, card) => sum + Number(card.dataset.minutes), Number(column.dataset.hidden));
  const left = Number(column.dataset.left);
  words.textContent = t("board.load", { used: (used / 60).toFixed(1), left: (left / 60).toFixed(1) });
  const share = left ? (100 * used) / left : 100 * Boolean(used);
  const bar = column.querySelector("progress");
  bar.value = Math.min(100, share);
  bar.className = `bar tone-${share > 100 ? "bad" : share >= FULL ? "warn" : "doing"}`;
}

async function refusal(answer) {
  const json = answer.headers.get("Content-Type")?.includes("json");
  const said = json ? (await answer.json()).error?.message : "";
  return said || t(WORDS[answer.status] ?? "net.failed");
}

/**
 * Hands a card to a person ("": to nobody). Resolves to { card } as it now stands, or to
 * { message, stale }: why not, and whether the board is out of date.
 */
export async function post(card, person) {
  // After a broken line the same key goes again: what did arrive is not done twice.
  const attempt = `${person}:${card.dataset.version}`;
  if (card.dataset.attempt !== attempt) Object.assign(card.dataset, { attempt, key: uuid() });
  const body = new URLSearchParams({ person, version: card.dataset.version, idempotency_key: card.dataset.key });
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  const answer = await fetch(card.dataset.assign, { method: "POST", body, headers }).catch(() => null);
  if (!answer) return { message: t("net.down"), stale: false };
  if (!answer.ok || answer.redirected) {
    const message = answer.redirected ? t("net.forbidden") : await refusal(answer);
    return { message, stale: [404, 409].includes(answer.status) };
  }
  const box = document.createElement("template");
  box.innerHTML = (await answer.text()).trim();
  return { card: box.content.firstElementChild };
}

/** Brings to life what came into the page. */
export function wake(elt) {
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt } }));
}

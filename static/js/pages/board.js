// The board by keyboard, mouse and touch: a card moves at once, and comes back with the reason
// where the server says no. Without script each card has a form of its own.

import { open } from "../confirm.js";
import { belongsToField, keyName, keysAreOff } from "../keys.js";
import { t, toast } from "../text.js";
import { fillCopy } from "./board_copy.js";
import { startDragging } from "./board_drag.js";
import { columnOf, columnsOf, place, post, reckon, wake } from "./board_parts.js";

const page = document.querySelector("[data-board]");
const sheet = document.getElementById("board-sheet");
const copying = document.getElementById("board-copy");
const EVERY = 60000;
const undo = [];
let sending = 0;

const cards = () => [...page.querySelectorAll(".order-card[data-order]")];
const current = () => page.querySelector(".order-card.is-cursor");
const chosen = () => [...page.querySelectorAll(".order-card.is-chosen")];
const meant = () => (chosen().length ? chosen() : [current()].filter(Boolean));

// --- Choosing cards -------------------------------------------------------------------------

function point(card, focus = true) {
  current()?.classList.remove("is-cursor");
  if (!card) return;
  card.classList.add("is-cursor");
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (focus) card.querySelector("a.quiet-link")?.focus({ preventScroll: true });
}

function step(key) {
  const here = current();
  if (!here) return point(cards()[0]);
  const within = [...here.parentElement.querySelectorAll(".order-card[data-order]")];
  const row = within.indexOf(here);
  if (key === "ArrowUp" || key === "ArrowDown") {
    return point(within[row + (key === "ArrowDown" ? 1 : -1)] ?? here);
  }
  const full = columnsOf(page).filter((each) => each.querySelector(".order-card[data-order]"));
  const next = full[full.indexOf(columnOf(here)) + (key === "ArrowRight" ? 1 : -1)];
  const there = next ? [...next.querySelectorAll(".order-card[data-order]")] : [here];
  return point(there[Math.min(row, there.length - 1)] ?? here);
}

function clearChoice() {
  chosen().forEach((card) => card.classList.remove("is-chosen"));
}

// --- Handing over ---------------------------------------------------------------------------

/** Hands one card over; resolves to whether the server agreed. The card moves meanwhile. */
async function give(card, person) {
  if (!card.dataset.assign || card.classList.contains("is-sending")) return false;
  if (card.dataset.person === person) return false;
  const home = { column: columnOf(card), next: card.nextElementSibling };
  const after = card.nextElementSibling?.dataset.order ? card.nextElementSibling : card.previousElementSibling;
  const wasCursor = card.classList.contains("is-cursor");
  const target = columnsOf(page).find((each) => each.dataset.person === person);
  if (target) place(card, target);
  if (wasCursor) point(after ?? card);
  card.classList.remove("is-chosen");
  card.classList.add("is-sending");
  sending += 1;
  const answer = await post(card, person);
  sending -= 1;
  card.classList.remove("is-sending");
  if (answer.card) {
    if (target) card.replaceWith(answer.card);
    else card.remove();
    wake(answer.card);
    if (card.classList.contains("is-cursor")) point(answer.card, false);
  } else {
    home.column.querySelector("ul").insertBefore(card, home.next?.isConnected ? home.next : null);
    point(card);
    toast(answer.message);
    if (answer.stale) refresh();
  }
  [home.column, target].filter(Boolean).forEach(reckon);
  return Boolean(answer.card);
}

/** Hands cards over one after the other; what went well can be taken back together. */
async function giveAll(pairs) {
  const done = [];
  for (const [card, person] of pairs) {
    const from = card.dataset.person;
    if (await give(card, person)) done.push({ order: card.dataset.order, from });
  }
  if (done.length) undo.push(done);
  return done.length;
}

async function giveTo(list, person) {
  const name = page.querySelector(`.lane-column[data-person="${person}"]`)?.dataset.name
    ?? sheet?.querySelector(`[data-sheet-give="${person}"] b`)?.textContent ?? t("board.nobody");
  const n = await giveAll(list.map((card) => [card, person]));
  if (n) toast(t("board.given", { n, name }), "ok");
}

async function takeHints() {
  const pairs = cards().map((card) => [card, card.querySelector("[data-give]")?.dataset.give]);
  const n = await giveAll(pairs.filter(([, person]) => person));
  if (n) toast(t("board.shared", { n }), "ok");
  page.querySelector("[data-all-hints]")?.remove();
}

async function takeBack() {
  const last = undo.pop();
  if (!last) return toast(t("board.nothing"), "warn");
  let n = 0;
  for (const { order, from } of last.reverse()) {
    const card = page.querySelector(`.order-card[data-order="${order}"]`);
    if (card && (await give(card, from))) n += 1;
  }
  if (n) toast(t("board.undone", { n }), "ok");
}

// --- Sheet and keys -------------------------------------------------------------------------

function openSheet(list) {
  if (!sheet || !list.length) return;
  const what = list.map((card) => card.querySelector(".head b").textContent).join("、");
  sheet.querySelector("[data-sheet-what]").textContent = t("board.chosen", { n: list.length, what });
  open(sheet);
}

function onDigit(key) {
  const column = columnsOf(page).find((each) => each.dataset.keyOf === key);
  if (key === "0") giveTo(meant().filter((card) => card.dataset.person), "");
  else if (column) giveTo(meant(), column.dataset.person);
  else return false;
  return true;
}

// What takes words is said on the page of the case, in the dialog that its address names.
function lead(dialog) {
  const link = current()?.querySelector("a.quiet-link");
  if (link) location.assign(`${link.href}#${dialog}`);
}

const KEYS = {
  b: () => lead("move-return"),
  d: () => lead("move-ask-extension"),
  x: () => current()?.classList.toggle("is-chosen"),
  g: () => openSheet(meant()),
  u: takeBack,
  Escape: clearChoice,
  Space: () => current()?.querySelector("a[data-lightbox]")?.click(),
};

function onKey(event) {
  const name = keyName(event);
  const onCard = event.target.closest?.(".order-card a.quiet-link");
  if (keysAreOff() || document.querySelector("dialog[open]") || event.repeat && !name.startsWith("Arrow")) return;
  if (!(name === "Space" && onCard) && belongsToField(event, name)) return;
  if (/^\d$/.test(name)) {
    if (!onDigit(name)) return;
  } else if (name.startsWith("Arrow")) step(name);
  else if (KEYS[name]) KEYS[name]();
  else return;
  event.preventDefault();
}

function onClick(event) {
  const button = event.target.closest("button");
  const card = event.target.closest(".order-card[data-order]");
  if (card) point(card, false);
  if (!button) return;
  if (button.dataset.give) giveTo([card], button.dataset.give);
  else if (button.matches("[data-sheet]")) openSheet(meant());
  else if (button.matches("[data-all-hints]")) takeHints();
  else if (button.matches("[data-copy]")) {
    fillCopy(page, copying, chosen());
    open(copying);
  }
}

// --- What changed meanwhile -----------------------------------------------------------------

async function refresh() {
  const answer = await fetch(page.dataset.url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || sending) return;
  const order = current()?.dataset.order;
  const left = page.querySelector(".board")?.scrollLeft ?? 0;
  const focused = page.contains(document.activeElement);
  page.innerHTML = await answer.text();
  wake(page);
  page.querySelector(".board")?.scrollTo({ left });
  const card = order && page.querySelector(`.order-card[data-order="${order}"]`);
  if (card) point(card, focused);
}

function onTime() {
  const busy = sending || chosen().length || document.querySelector("dialog[open], .is-dragging");
  if (!busy && !document.hidden) refresh();
}

page.addEventListener("click", onClick);
page.addEventListener("focusin", (event) => {
  const card = event.target.closest(".order-card[data-order]");
  if (card && card !== current()) point(card, false);
});
document.addEventListener("keydown", onKey);
sheet?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sheet-give]");
  if (!button) return;
  sheet.close();
  giveTo(meant(), button.dataset.sheetGive);
});
startDragging(page, (card, person) => giveTo(chosen().includes(card) ? chosen() : [card], person));
setInterval(onTime, EVERY);

// Lists by keyboard: j and k move, Enter opens, x chooses; the bar of joint acts follows the choice.

import { belongsToField, keyName, keysAreOff } from "./keys.js";
import { t } from "./text.js";

const rowsOf = (list) => [...list.querySelectorAll("[data-row]")];
const boxesOf = (list) => [...list.querySelectorAll("[data-row] input[type=checkbox]")];

function move(list, step) {
  const rows = rowsOf(list);
  const here = rows.findIndex((row) => row.classList.contains("is-cursor"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
  if (!next) return;
  rows[here]?.classList.remove("is-cursor");
  next.classList.add("is-cursor");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a[href]")?.focus({ preventScroll: true });
}

function tally(list, changed = false) {
  const boxes = boxesOf(list);
  const chosen = boxes.filter((box) => box.checked).length;
  const all = list.querySelector("[data-check-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  if (changed) list.dispatchEvent(new CustomEvent("rows:chosen"));
  const bar = document.getElementById(list.dataset.bulk);
  if (!bar) return;
  bar.hidden = chosen === 0;
  const count = bar.querySelector("[data-count]");
  if (count) count.textContent = t("rows.chosen", { n: chosen });
}

function chooseRange(list, box) {
  const boxes = boxesOf(list);
  const last = boxes.indexOf(list.lastBox);
  if (last < 0) return;
  const [from, to] = [last, boxes.indexOf(box)].sort((a, b) => a - b);
  boxes.slice(from, to + 1).forEach((each) => (each.checked = box.checked));
}

function onClick(list, event) {
  const box = event.target.closest("input[type=checkbox]");
  if (!box) return;
  if (box.matches("[data-check-all]")) boxesOf(list).forEach((each) => (each.checked = box.checked));
  else {
    if (event.shiftKey) chooseRange(list, box);
    list.lastBox = box;
  }
  tally(list, true);
}

function onKey(list, event) {
  const name = keyName(event);
  if (keysAreOff() || belongsToField(event, name) || document.querySelector("dialog[open]")) return;
  const row = list.querySelector(".is-cursor");
  if (name === "j" || name === "k") move(list, name === "j" ? 1 : -1);
  else if (name === "x") row?.querySelector("input[type=checkbox]")?.click();
  else if (name === "Enter" && row) row.querySelector("a[href]")?.click();
  // Where choosing goes over pages, the bar takes it all away.
  else if (name === "Escape" && !list.dataset.select && boxesOf(list).some((box) => box.checked)) {
    boxesOf(list).forEach((box) => (box.checked = false));
    tally(list, true);
  } else return;
  event.preventDefault();
}

/** Brings one [data-rows] list of [data-row] items to life; data-bulk names the bar's id. */
export function start(list) {
  list.addEventListener("click", (event) => onClick(list, event));
  document.addEventListener("keydown", (event) => list.isConnected && onKey(list, event));
  tally(list);
}

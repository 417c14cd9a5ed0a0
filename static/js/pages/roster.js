// The week of a roster: choose a shift, then click or drag over boxes; or walk with arrows and press 1 to 4.

import "./print.js";
import { belongsToField, keyName, keysAreOff } from "../keys.js";
import { csrfToken, el, t, toast, uuid } from "../text.js";

const SHIFTS = { 1: "early", 2: "middle", 3: "late", 4: "zero", 0: "", Delete: "", Backspace: "" };
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const page = document.querySelector("[data-roster]");
const brushes = document.querySelector("[data-brush]");
let painted = new Map();
let painting = false;

const boxOf = (node) => node?.closest?.("a[data-box]") ?? null;
const chosenShift = () => brushes.querySelector("[aria-checked=true]").dataset.shift;

function choose(button) {
  for (const each of brushes.querySelectorAll("[data-shift]")) {
    each.setAttribute("aria-checked", String(each === button));
  }
}

async function askWhy(lines) {
  const input = el("input", { name: "reason", maxlength: 100, required: true, "aria-label": t("roster.why"), placeholder: t("roster.why") });
  const list = el("ul", {}, ...lines.map((line) => el("li", {}, line)));
  const yes = el("button", { class: "btn primary", value: "yes" }, t("roster.set"));
  const no = el("button", { class: "btn", value: "", formnovalidate: true }, t("confirm.no"));
  const form = el("form", { method: "dialog" }, el("header", {}, el("h2", {}, t("roster.title"))), el("div", { class: "in" }, list, input), el("footer", {}, no, yes));
  const dialog = el("dialog", { class: "dialog", "aria-label": t("roster.title") }, form);
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? input.value.trim() : "");
    });
  });
}

async function post(boxes, shift, reason = "") {
  const body = new FormData();
  body.append("idempotency_key", uuid());
  body.append("week", page.dataset.week);
  body.append("shift", shift);
  body.append("reason", reason);
  for (const [box, seen] of boxes) {
    body.append("box", box);
    body.append("seen", seen);
  }
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true", Accept: "text/html" };
  return fetch(page.dataset.setUrl, { method: "POST", body, headers });
}

async function send(boxes, shift) {
  const back = document.activeElement?.dataset?.box;
  page.setAttribute("aria-busy", "true");
  try {
    let answer = await post(boxes, shift);
    if (answer.ok && isJson(answer)) {
      const reason = await askWhy((await answer.json()).ask);
      if (!reason) return;
      answer = await post(boxes, shift, reason);
    }
    if (answer.ok) show(await answer.text(), back);
    else toast((await wordsOf(answer)).message);
  } catch {
    toast(t("net.down"));
  } finally {
    page.removeAttribute("aria-busy");
    for (const box of page.querySelectorAll(".is-painted")) box.classList.remove("is-painted");
  }
}

const isJson = (answer) => answer.headers.get("Content-Type")?.includes("json") ?? false;

async function wordsOf(answer) {
  if (!isJson(answer)) return { message: t("net.failed") };
  return (await answer.json()).error;
}

function show(html, back) {
  const top = page.querySelector(".roster-scroll")?.scrollLeft ?? 0;
  page.innerHTML = html;
  const scroll = page.querySelector(".roster-scroll");
  if (scroll) scroll.scrollLeft = top;
  if (back) page.querySelector(`[data-box="${CSS.escape(back)}"]`)?.focus();
}

function paint(box) {
  if (!box || painted.has(box.dataset.box)) return;
  painted.set(box.dataset.box, box.dataset.seen);
  box.classList.add("is-painted");
}

function onDown(event) {
  const box = boxOf(event.target);
  if (!box || event.button || chosenShift() === "open") return;
  // A finger scrolls; it sets a box by a tap.
  if (event.pointerType === "touch") return;
  painting = true;
  painted = new Map();
  paint(box);
}

function onOver(event) {
  if (painting) paint(boxOf(event.target));
}

function onUp() {
  if (!painting) return;
  painting = false;
  send(painted, chosenShift());
}

function onClick(event) {
  const box = boxOf(event.target);
  // By keyboard (without a pointer) a box is opened.
  if (!box || !event.pointerType || chosenShift() === "open" || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  // A mouse has painted it already.
  if (event.pointerType === "touch") send(new Map([[box.dataset.box, box.dataset.seen]]), chosenShift());
}

function walk(box, [down, right]) {
  const cell = box.closest("td");
  const row = cell.parentElement;
  let next = right ? cell : row;
  do {
    if (right) next = right > 0 ? next.nextElementSibling : next.previousElementSibling;
    else next = down > 0 ? next.nextElementSibling : next.previousElementSibling;
    const found = right ? next : next?.cells[cell.cellIndex];
    const link = found?.querySelector("a[data-box]");
    if (link) return link.focus();
  } while (next);
}

function onKey(event) {
  const name = keyName(event);
  if (keysAreOff() || belongsToField(event, name)) return;
  const box = boxOf(document.activeElement);
  if (box && STEPS[name]) {
    event.preventDefault();
    walk(box, STEPS[name]);
  } else if (name in SHIFTS) {
    event.preventDefault();
    if (box) send(new Map([[box.dataset.box, box.dataset.seen]]), SHIFTS[name]);
    else choose(brushes.querySelector(`[data-shift="${SHIFTS[name]}"]`));
  }
}

if (page && brushes) {
  brushes.hidden = false;
  brushes.addEventListener("click", (event) => {
    const button = event.target.closest("[data-shift]");
    if (button) choose(button);
  });
  page.addEventListener("pointerdown", onDown);
  page.addEventListener("pointerover", onOver);
  document.addEventListener("pointerup", onUp);
  page.addEventListener("click", onClick);
  page.addEventListener("dragstart", (event) => event.preventDefault());
  document.addEventListener("keydown", onKey);
  page.dataset.ready = "";
}

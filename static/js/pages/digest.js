// A digest that is edited in its page: it saves by itself, and loses nothing where it cannot.

import { uuid } from "../text.js";

const PAUSE = 1500;
const AGAIN = 15000;
const form = document.getElementById("digest-edit");
const status = document.getElementById("digest-status");
const conflict = document.getElementById("digest-conflict");
const kept = document.getElementById("digest-kept");
const store = `digest-${document.getElementById("digest-page").dataset.digest}`;
const fields = () => [...form.elements].filter((each) => each.name && !each.matches("button, [type=hidden]"));
let timer = 0;
let running = false;
let dirty = false;
let stopped = false;

// --- What could not be saved stays in this browser until it was ---------------------------------

function remember() {
  const typed = Object.fromEntries(fields().filter((each) => each.value !== each.dataset.first).map((each) => [each.name, each.value]));
  try {
    localStorage.setItem(store, JSON.stringify(typed));
  } catch {
    // A full or forbidden store: what was typed still stands in the page, and the line above says so.
    status.textContent = status.dataset.lost;
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(store) ?? "{}");
  } catch {
    return {};
  }
}

function forget() {
  localStorage.removeItem(store);
  kept.hidden = true;
}

// --- Saving -------------------------------------------------------------------------------------

async function save() {
  if (running || stopped || !dirty) return;
  running = true;
  dirty = false;
  status.textContent = status.dataset.saving;
  const key = form.elements.idempotency_key;
  try {
    const answer = await fetch(form.querySelector("[data-save]").formAction, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, keepalive: document.hidden });
    await heard(answer, key);
  } catch {
    // The line is down: the same key goes again, so that nothing is done twice.
    lost();
  }
  running = false;
  if (dirty) later(PAUSE);
}

async function heard(answer, key) {
  const said = await answer.json();
  if (answer.ok) {
    form.elements.version.value = said.version;
    key.value = uuid();
    status.textContent = status.dataset.saved.replace("%s", said.saved);
    for (const each of fields()) each.dataset.first = each.value;
    form.dataset.confirm = said.question;
    forget();
    place(said.html);
    return;
  }
  key.value = uuid();
  remember();
  stopped = answer.status === 409;
  conflict.querySelector("[data-words]").textContent = said.error;
  conflict.hidden = false;
  status.textContent = status.dataset.lost;
}

function lost() {
  dirty = true;
  remember();
  status.textContent = status.dataset.lost;
  later(AGAIN);
}

function place(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const part of [...fresh.content.children]) if (part.id) document.getElementById(part.id)?.replaceWith(part);
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

function changed() {
  dirty = true;
  conflict.hidden = !stopped;
  if (stopped) remember();
  else later(PAUSE);
}

// --- Photos -------------------------------------------------------------------------------------

const shots = () => [...document.querySelectorAll("[data-shot]")];
const number = (shot) => shot.querySelector("input[type=number]");
const inPaper = () => shots().filter((shot) => number(shot).value).sort((a, b) => number(a).value - number(b).value);

function renumber(order) {
  for (const shot of shots()) {
    const at = order.indexOf(shot);
    number(shot).value = at < 0 ? "" : at + 1;
    shot.classList.toggle("is-in", at >= 0);
  }
  changed();
}

function wireShots() {
  let dragged = null;
  document.addEventListener("click", (event) => {
    const shot = event.target.closest("[data-shot] img")?.closest("[data-shot]");
    if (!shot) return;
    const order = inPaper();
    renumber(number(shot).value ? order.filter((each) => each !== shot) : [...order, shot]);
  });
  document.addEventListener("dragstart", (event) => (dragged = event.target.closest?.("[data-shot]")));
  document.addEventListener("dragover", (event) => dragged && event.target.closest?.("[data-shot]") && event.preventDefault());
  document.addEventListener("drop", (event) => {
    const target = event.target.closest?.("[data-shot]");
    if (!dragged || !target || target === dragged) return;
    event.preventDefault();
    const order = inPaper().filter((each) => each !== dragged);
    const at = order.indexOf(target);
    order.splice(at < 0 ? order.length : at, 0, dragged);
    renumber(order);
    dragged = null;
  });
}

// --- Beginning ----------------------------------------------------------------------------------

// A paragraph is opened where it is pressed.
document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-line] > p");
  if (!line || event.target.closest("a") || String(getSelection())) return;
  const fold = line.parentElement.querySelector("details");
  fold.open = !fold.open;
  if (fold.open) fold.querySelector("textarea").focus();
});

for (const each of fields()) each.dataset.first = each.value;
const typed = recall();
const missing = fields().filter((each) => each.name in typed && typed[each.name] !== each.value);
if (missing.length) kept.hidden = false;
else forget();
kept.querySelector("[data-restore]").addEventListener("click", () => {
  for (const each of missing) {
    each.value = typed[each.name];
    each.closest("details")?.setAttribute("open", "");
  }
  kept.hidden = true;
  changed();
});
kept.querySelector("[data-forget]").addEventListener("click", forget);
document.addEventListener("input", (event) => event.target.form === form && changed());
document.addEventListener("change", (event) => event.target.form === form && changed());
document.addEventListener("visibilitychange", () => document.hidden && save());
form.addEventListener("submit", () => clearTimeout(timer));
wireShots();

// Choosing cases for an act over many: kept over the pages of one view, all of a view at once,
// and the bar that says with how many of them each act can be done.

import { open } from "./confirm.js";
import { keysAreOff } from "./keys.js";
import { t, toast } from "./text.js";

const KEPT = "citymgmt.chosen";
const NAMED = 2;

const boxesOf = (list) => [...list.querySelectorAll("[data-row] input[name=case]")];
const idOf = (box) => box.value.split(".")[0];

// What is chosen in the view that is shown: `cases` by id as [version, state]; `all` of the view.
let chosen = { view: "", cases: {}, all: false };

function read(view) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  chosen = kept?.view === view ? kept : { view, cases: {}, all: false };
}

function keep() {
  if (Object.keys(chosen.cases).length || chosen.all) sessionStorage.setItem(KEPT, JSON.stringify(chosen));
  else sessionStorage.removeItem(KEPT);
}

function forget() {
  chosen = { view: chosen.view, cases: {}, all: false };
  keep();
}

// --- The bar ---------------------------------------------------------------------------------

const wordsOf = (bar) => {
  const entries = bar.querySelector("[data-state-words]").content.querySelectorAll("data");
  return new Map([...entries].map((entry) => [entry.value, entry.textContent]));
};

function countStates() {
  const counts = new Map();
  for (const [, state] of Object.values(chosen.cases)) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

const joined = (names) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join("、")}${t("select.and")}${names.at(-1)}`;

// "1 件已结案，催办和改派不含它": only of acts that can be done with others of the chosen.
function leftOut(counts, acts, words) {
  const said = [];
  for (const [state, n] of counts) {
    const without = acts.filter(({ states }) => !states.includes(state)).map(({ label }) => label);
    if (without.length) said.push(t("select.left", { n, state: words.get(state), acts: joined(without) }));
  }
  return said.slice(0, NAMED).join("；");
}

function showActs(bar, counts) {
  const acts = [];
  for (const button of bar.querySelectorAll("[data-act]")) {
    const [label, states] = [button.dataset.act, button.dataset.states.split(" ")];
    const n = states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
    button.hidden = !chosen.all && n === 0;
    button.textContent = chosen.all ? `${label}…` : t("select.act", { act: label, n });
    if (!button.hidden) acts.push({ button, label, states });
  }
  acts.forEach(({ button }, place) => button.classList.toggle("primary", place === 0));
  return acts;
}

function showBar(list, bar) {
  const n = Object.keys(chosen.cases).length;
  const total = Number(list.dataset.total);
  bar.classList.toggle("is-on", n > 0 || chosen.all);
  const counts = countStates();
  const acts = showActs(bar, counts);
  bar.querySelector("[data-count]").textContent = chosen.all
    ? t("select.whole", { n: total })
    : t("rows.chosen", { n });
  bar.querySelector("[data-left]").textContent = chosen.all ? "" : leftOut(counts, acts, wordsOf(bar));
  const all = bar.querySelector("[data-choose-all]");
  all.hidden = chosen.all || n === 0 || n >= total;
  all.textContent = t("select.all", { n: total > 10000 ? t("select.many") : total });
}

// --- The list --------------------------------------------------------------------------------

function mark(list, bar) {
  const boxes = boxesOf(list);
  for (const box of boxes) box.checked = chosen.all || idOf(box) in chosen.cases;
  const ticked = boxes.filter((box) => box.checked).length;
  const head = list.querySelector("[data-check-all]");
  if (head) {
    head.checked = ticked > 0 && ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  showBar(list, bar);
}

function take(list, bar) {
  // Who takes one away from all of the view goes on with those of the page.
  if (chosen.all) chosen = { view: chosen.view, cases: {}, all: false };
  for (const box of boxesOf(list)) {
    const [id, version] = box.value.split(".");
    if (box.checked) chosen.cases[id] ??= [version, box.dataset.state];
    else delete chosen.cases[id];
  }
  keep();
  showBar(list, bar);
}

function chooseAll(list, bar) {
  const most = Number(bar.dataset.most);
  if (Number(list.dataset.total) > most) {
    toast(t("select.most", { most }), "warn");
    return;
  }
  chosen.all = true;
  keep();
  mark(list, bar);
}

function ask(bar, button) {
  const cases = Object.entries(chosen.cases).map(([id, [version]]) => `${id}.${version}`);
  const which = chosen.all ? { view: chosen.view } : { case: cases.join(" ") };
  const values = { ...which, query: chosen.view };
  window.htmx.ajax("POST", button.formAction, { source: button, target: "#bulk-dialog", swap: "innerHTML", values });
}

// The bar stands as long as the page, the list is fetched anew: it always serves the newest.
let current = null;

function wireBar(bar) {
  if (bar.dataset.wired) return;
  bar.dataset.wired = "1";
  const dialog = document.getElementById("bulk-dialog");
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(bar, event.submitter);
  });
  bar.addEventListener("click", (event) => {
    if (event.target.closest("[data-choose-all]")) chooseAll(current, bar);
  });
  const none = () => {
    forget();
    mark(current, bar);
  };
  bar.addEventListener("reset", () => setTimeout(none));
  document.addEventListener("keydown", (event) => {
    const free = !event.defaultPrevented && !document.querySelector("dialog[open], details.menu[open]");
    if (event.key === "Escape" && free && !keysAreOff() && bar.classList.contains("is-on")) none();
  });
  dialog.addEventListener("htmx:afterSwap", (event) => event.target === dialog && open(dialog));
  // What was begun is not chosen any more when one comes back.
  dialog.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    read(current.dataset.view);
    mark(current, bar);
  });
}

/** Brings choosing to one [data-select] list, which names its bar. */
export function start(list) {
  const bar = document.getElementById(list.dataset.select);
  current = list;
  wireBar(bar);
  read(list.dataset.view);
  // Who was quicker than this script has chosen all the same.
  const early = boxesOf(list).some((box) => box.checked);
  for (const box of boxesOf(list)) box.checked ||= chosen.all || idOf(box) in chosen.cases;
  if (early) take(list, bar);
  mark(list, bar);
  list.addEventListener("rows:chosen", () => take(list, bar));
}

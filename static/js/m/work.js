// What waits for the person: as a walk for the day that he may overrule, by the time left, or by
// how far each is from here; and what of it waits on this phone.

import { el, t } from "../text.js";
import { onChange, ready, sayTodo } from "./app.js";
import { keepLinked } from "./keep.js";
import { showWay } from "./minimap.js";
import { apart, follow, metresWords, nameOf } from "./place.js";
import { legs, lengthOf, minutesOf, ownOrder, walkOrder } from "./route.js";

const STALE = 5 * 60 * 1000;
const NEAR = 30;
const page = document.getElementById("work");
const find = (selector) => page.querySelector(selector);
const list = find("[data-list]");
const day = new Date().toLocaleDateString("sv");
const KEY = `phone-walk-${document.body.dataset.user}`;
const stops = [...list.querySelectorAll("li[data-key]")].map((row) => ({
  row,
  key: row.dataset.key,
  due: Date.parse(row.dataset.due),
  opens: row.dataset.opens ? Date.parse(row.dataset.opens) : undefined,
  lon: row.dataset.lon ? Number(row.dataset.lon) : null,
  lat: row.dataset.lat ? Number(row.dataset.lat) : null,
}));
const done = new Set();
// What is late or came back is asked for by its number on the home page: it stands first by time.
let by = location.hash === "#time" ? "time" : (localStorage.getItem("phone-work-by") ?? "walk");
let own = kept();
let moving = false;
let position = null;
let around = null;
// The walk is reckoned anew where something changed, not with each look at the position.
let reckoned = { from: null, keys: null, at: 0, order: [] };

// The order that was made today; another day begins anew.
function kept() {
  try {
    const said = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return said.day === day && Array.isArray(said.keys) ? said.keys : null;
  } catch {
    return null;
  }
}

function keepOwn(keys) {
  own = keys;
  if (keys) localStorage.setItem(KEY, JSON.stringify({ day, keys }));
  else localStorage.removeItem(KEY);
}

// --- The order --------------------------------------------------------------------------------

const left = () => stops.filter((stop) => !done.has(stop.key));
const proposed = () => {
  const keys = left().map((stop) => stop.key).join();
  const moved = !reckoned.from || !position ? reckoned.from !== position : apart(reckoned.from, position) > NEAR;
  if (moved || keys !== reckoned.keys || Date.now() - reckoned.at > STALE) reckoned = { from: position, keys, at: Date.now(), order: walkOrder(position, left(), Date.now()) };
  return reckoned.order;
};
const metresTo = (stop) => (position && stop.lon !== null ? apart(position, stop) : Infinity);

function ordered() {
  if (by === "near") return left().sort((a, b) => metresTo(a) - metresTo(b));
  if (by === "time") return left().sort((a, b) => a.due - b.due);
  return own ? ownOrder(own, left()) : proposed();
}

function move(key, step) {
  const keys = ordered().map((stop) => stop.key);
  const at = keys.indexOf(key);
  const to = at + step;
  if (to < 0 || to >= keys.length) return;
  [keys[at], keys[to]] = [keys[to], keys[at]];
  keepOwn(keys);
  draw();
  list.querySelector(`li[data-key="${key}"] [data-step="${step}"]`).focus();
}

// --- What is shown ----------------------------------------------------------------------------

function draw() {
  const rows = ordered();
  const walking = by === "walk";
  page.dataset.by = by;
  for (const button of page.querySelectorAll("[data-by]")) button.setAttribute("aria-pressed", String(button.dataset.by === by));
  sayTodo(rows.length);
  const steps = legs(position, rows);
  list.append(...rows.map((stop) => stop.row), ...stops.filter((stop) => done.has(stop.key)).map((stop) => stop.row));
  for (const stop of stops) stop.row.classList.remove("is-next");
  rows.forEach((stop, index) => {
    stop.row.querySelector("[data-nth]").textContent = String(index + 1);
    stop.row.querySelector("[data-far]").textContent = walking ? stepWords(steps[index], index) : metresWords(metresTo(stop));
    stop.row.classList.toggle("is-next", walking && index === 0);
  });
  page.classList.toggle("is-moving", walking && moving);
  find("[data-tools]").hidden = !walking || rows.length < 2;
  find("[data-move]").setAttribute("aria-pressed", String(moving));
  find("[data-proposed]").hidden = !own;
  sum(rows, walking);
  drawWay(rows, walking);
}

function stepWords(metres, index) {
  const words = metresWords(metres ?? Infinity);
  return index && words ? t("m.then_walk", { way: words }) : words;
}

function sum(rows, walking) {
  const metres = lengthOf(position, rows);
  const words = t("m.whole_walk", { way: metresWords(metres), n: minutesOf(metres, rows.length) });
  document.querySelector("[data-walk]").textContent = walking && position && rows.length ? words : "";
}

function drawWay(rows, walking) {
  const placed = rows.filter((stop) => stop.lon !== null);
  const box = find("[data-way]");
  const none = !walking || !placed.length;
  // An SVG has the attribute, but no property of that name.
  box.toggleAttribute("hidden", none);
  if (none) return;
  const tone = (stop) => stop.row.querySelector(".chip").className.match(/tone-(\w+)/)?.[1] ?? "doing";
  showWay(box, position, rows.map((stop, index) => ({ ...stop, tone: tone(stop), nth: index + 1 })).filter((stop) => stop.lon !== null), around);
}

// Streets and cells around, where there is a signal; the way is drawn without them, too.
async function look() {
  const middle = stops.find((stop) => stop.lon !== null);
  if (!middle || by !== "walk") return;
  around = await nameOf(page.dataset.placeUrl, middle, page.dataset.cellsUrl);
  if (around) draw();
}

// A page that was kept knows how much was left then, not now.
function sayClocks() {
  if (Date.now() - Date.parse(page.dataset.at) < STALE) return;
  for (const stop of stops) {
    const chip = stop.row.querySelector(".chip");
    if (stop.row.dataset.state) continue;
    const late = stop.due < Date.now();
    chip.textContent = late ? t("m.late") : stop.row.dataset.until;
    if (late) chip.className = "chip tone-bad";
  }
}

// What was done here already, also while the list is one that was kept.
async function mark() {
  const store = await ready;
  if (!store) return;
  const said = await store.acts();
  for (const stop of stops) {
    const state = said.get(stop.key);
    if (!state) continue;
    const chip = stop.row.querySelector(".chip");
    chip.className = `chip tone-${{ arrived: "ok", refused: "bad" }[state] ?? "warn"}`;
    chip.textContent = t(`m.row_${state}`);
    stop.row.dataset.state = state;
    if (state !== "refused") done.add(stop.key);
  }
  draw();
}

page.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.by) {
    ({ by } = button.dataset);
    localStorage.setItem("phone-work-by", by);
  } else if (button.dataset.move !== undefined) moving = !moving;
  else if (button.dataset.proposed !== undefined) keepOwn(null);
  else if (button.dataset.step) {
    move(button.closest("li").dataset.key, Number(button.dataset.step));
    return;
  }
  draw();
});

follow((found, why) => {
  position = found ?? position;
  const where = find("[data-where]");
  where.hidden = !why;
  where.textContent = why;
  // Nothing moves under the thumb while he puts them in order himself.
  if (!moving) draw();
});
for (const { row } of stops) {
  row.querySelector("[data-steps]").append(
    el("button", { type: "button", class: "btn", "data-step": "-1", "aria-label": t("m.earlier") }, "↑"),
    el("button", { type: "button", class: "btn", "data-step": "1", "aria-label": t("m.later") }, "↓"),
  );
}
sayClocks();
onChange(mark);
draw();
look();
ready.then(() => keepLinked());
page.dataset.live = "1";

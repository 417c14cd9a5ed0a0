// A list of places to go to: as it comes, or by how far each is from here; of look-backs also what
// waits on this phone.

import { t } from "../text.js";
import { onChange, ready } from "./app.js";
import { keepLinked } from "./keep.js";
import { apart, follow, metresWords } from "./place.js";

const page = document.getElementById("walk");
const rows = [...page.querySelectorAll("li[data-id]")];
const homes = new Map(rows.map((row) => [row, row.parentElement]));
const near = page.querySelector("[data-near]");
let by = sessionStorage.getItem("walk-by") === "near" ? "near" : "time";
let position = null;

const metresTo = (row) => (position && row.dataset.lon ? apart(position, { lon: Number(row.dataset.lon), lat: Number(row.dataset.lat) }) : Infinity);

function draw() {
  for (const button of page.querySelectorAll("[data-by]")) button.setAttribute("aria-pressed", String(button.dataset.by === by));
  for (const row of rows) row.querySelector("[data-far]").textContent = metresWords(metresTo(row));
  const walked = by === "near" && position !== null;
  // Each goes home first, in the order in which it came.
  for (const row of rows) homes.get(row).append(row);
  const due = rows.filter((row) => homes.get(row).closest("[data-group]"));
  if (walked) near.querySelector("ul").append(...due.sort((a, b) => metresTo(a) - metresTo(b)));
  near.hidden = !walked;
  for (const group of page.querySelectorAll("[data-group]")) group.hidden = walked;
}

page.addEventListener("click", (event) => {
  const button = event.target.closest("[data-by]");
  if (!button) return;
  ({ by } = button.dataset);
  sessionStorage.setItem("walk-by", by);
  draw();
});

// What was recorded here already, also while the list is one that was kept.
async function mark() {
  const store = await ready;
  if (!store) return;
  const said = new Map();
  for (const receipt of await store.receipts()) if (receipt.lookback) said.set(receipt.lookback, "arrived");
  for (const form of await store.sent()) if (form.lookback) said.set(form.lookback, form.state);
  for (const row of rows) {
    const state = said.get(Number(row.dataset.id));
    if (!state) continue;
    const chip = row.querySelector(".chip");
    chip.className = `chip tone-${{ arrived: "ok", refused: "bad" }[state] ?? "warn"}`;
    chip.textContent = t(`m.row_${state}`);
    row.dataset.state = state;
  }
}

follow((found, why) => {
  position = found ?? position;
  const where = page.querySelector("[data-where]");
  where.hidden = !why;
  where.textContent = why;
  draw();
});
if (page.dataset.looks !== undefined) onChange(mark);
draw();
ready.then(() => keepLinked());

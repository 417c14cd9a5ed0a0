// The list of shops: by how far each is from here, and what this phone has of each already.

import { t } from "../text.js";
import { onChange, ready } from "./app.js";
import { keepLinked } from "./keep.js";
import { apart, follow, metresWords } from "./place.js";

const list = document.getElementById("shops");
const rows = [...list.querySelectorAll("li[data-code]")];
const around = document.querySelector("[data-around]");
const where = document.querySelector("[data-where]");
const base = around.href;

const metresTo = (row, from) => (row.dataset.lon ? apart(from, { lon: Number(row.dataset.lon), lat: Number(row.dataset.lat) }) : Infinity);

follow((found, why) => {
  where.hidden = !why;
  where.textContent = why;
  if (!found) return;
  around.href = `${base}?lon=${found.lon}&lat=${found.lat}`;
  for (const row of rows) {
    row.querySelector("[data-far]").textContent = metresWords(metresTo(row, found));
  }
  list.append(...[...rows].sort((one, other) => metresTo(one, found) - metresTo(other, found)));
});

async function mark() {
  const store = await ready;
  if (!store) return;
  const said = new Map();
  for (const receipt of await store.receipts()) if (receipt.shop) said.set(receipt.shop, "arrived");
  for (const form of await store.forms()) if (form.shop) said.set(form.shop, form.state);
  for (const row of rows) {
    const state = said.get(row.dataset.code);
    if (!state || state === "draft") continue;
    const chip = row.querySelector(".chip");
    chip.className = `chip tone-${{ arrived: "ok", refused: "bad" }[state] ?? "warn"}`;
    chip.textContent = t(`m.row_${state}`);
  }
}

onChange(mark);
ready.then(() => keepLinked());

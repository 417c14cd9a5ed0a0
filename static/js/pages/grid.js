// The map of cells: coloured by open cases or by team, and chosen from the list beside it.
// On a cell's page: only the people of the chosen team are offered.

import { el } from "../text.js";

const TINTS = 8;
const STEPS = [1, 3, 6, 11];
const box = document.getElementById("grid-map");
const legend = document.getElementById("paint-legend");

async function json(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function shapes() {
  return new Map([...box.querySelectorAll("[data-code]")].map((shape) => [shape.dataset.code, shape]));
}

function wash(shape) {
  for (const name of [...shape.classList]) {
    if (/^(level|tint)-/.test(name)) shape.classList.remove(name);
  }
}

function explain(entries, holes) {
  const shown = holes ? [...entries, ["is-hole", legend.dataset.wordsHole, holes]] : entries;
  legend.replaceChildren(...shown.map(([name, word, count]) =>
    el("span", {}, el("i", { class: name }), count === undefined ? word : `${word} ${count}`)));
}

class Painter {
  constructor(features) {
    this.cells = features.map(({ properties }) => properties);
    this.holes = this.cells.filter((cell) => cell.hole).length;
  }

  async paint(by, part, url) {
    const classes = by === "open" ? await this.byCases(url) : this.byTeam(by, part);
    for (const [code, shape] of shapes()) {
      wash(shape);
      if (classes.has(code)) shape.classList.add(classes.get(code));
    }
  }

  async byCases(url) {
    const counts = (await json(url)).cells;
    const classes = new Map();
    for (const [code, { open }] of Object.entries(counts)) {
      const level = STEPS.filter((step) => open >= step).length;
      if (level) classes.set(code, `level-${level}`);
    }
    const words = legend.dataset.wordsLevels.split("|");
    explain(words.map((word, level) => [level ? `level-${level}` : "", word]), this.holes);
    return classes;
  }

  byTeam(duty, part) {
    const sizes = new Map();
    const painted = this.cells.filter(({ teams }) => teams[part][duty]);
    for (const { teams } of painted) sizes.set(teams[part][duty], (sizes.get(teams[part][duty]) ?? 0) + 1);
    const tints = new Map([...sizes.keys()].sort().map((team, at) => [team, `tint-${(at % TINTS) + 1}`]));
    explain([...tints].map(([team, tint]) => [tint, team, sizes.get(team)]), this.holes);
    return new Map(painted.map(({ code, teams }) => [code, tints.get(teams[part][duty])]));
  }
}

// Of the buttons in a group one is pressed.
function press(button) {
  for (const other of button.parentElement.children) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

function choose(code) {
  const shape = shapes().get(code);
  if (!shape) return false;
  // As a click on the map would, so that the map knows what is chosen.
  shape.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  return true;
}

async function startMap() {
  const painter = new Painter((await json(box.dataset.cellsUrl)).features);
  const bar = document.querySelector("[data-paint]");
  const parts = bar.querySelector("[data-part-bar]");
  const repaint = () => {
    const { paintBy, countsUrl } = bar.querySelector("[data-paint-by][aria-pressed=true]").dataset;
    parts.hidden = !paintBy || paintBy === "open";
    const { part } = parts.querySelector("[aria-pressed=true]").dataset;
    painter.paint(paintBy, part, countsUrl).catch((error) => console.error("paint", error));
  };
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    press(button);
    repaint();
  });
  press(bar.querySelector("[data-paint-by]"));
  bar.classList.remove("is-waiting");
  repaint();
}

if (box) {
  if (box.hasAttribute("data-ready")) startMap();
  else box.addEventListener("map:ready", startMap, { once: true });
  // Where the card is not beside the map, it comes into view when it changes.
  const card = document.getElementById("cell-card");
  new MutationObserver(() => {
    if (matchMedia("(max-width: 1100px)").matches) card.scrollIntoView({ block: "start" });
  }).observe(card, { childList: true });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-choose-cell]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (choose(link.dataset.chooseCell)) event.preventDefault();
  });
}

const form = document.getElementById("charge-form");
if (form) {
  const { team, person } = form.elements;
  const narrow = () => {
    const name = team.value ? team.selectedOptions[0].label : "";
    for (const group of person.querySelectorAll("optgroup")) {
      group.hidden = group.disabled = Boolean(name) && group.label !== name;
    }
    if (person.selectedOptions[0]?.parentElement.disabled) person.value = "";
  };
  team.addEventListener("change", narrow);
  narrow();
}

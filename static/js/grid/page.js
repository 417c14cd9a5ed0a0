// The page of the grid: the map, its colours and keys, the chosen cell, what is wrong, the tools.

import { belongsToField, keyName, keysAreOff } from "../keys.js";
import { announce, leaflet, json } from "../map.js";
import { el, t } from "../text.js";
import { Editor } from "./editor.js";
import { Paper } from "./paper.js";

const box = document.getElementById("grid-map");
const card = document.getElementById("cell-card");
const bar = document.querySelector("[data-paint]");

function loaded(src) {
  return new Promise((resolve, reject) => {
    const node = el("script", { src });
    node.addEventListener("load", resolve);
    node.addEventListener("error", reject);
    document.head.append(node);
  });
}

class Page {
  constructor(paper) {
    this.paper = paper;
    this.problem = -1;
    box.addEventListener("grid:chosen", (event) => this.onChosen(event.detail));
    box.addEventListener("grid:painted", (event) => this.explain(event.detail));
    bar.addEventListener("click", (event) => this.onPaint(event));
    bar.addEventListener("change", () => this.repaint());
    document.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  // --- Colours ---------------------------------------------------------------------------------

  onPaint(event) {
    const button = event.target.closest("button");
    if (!button || !bar.contains(button)) return;
    this.press(button);
    this.repaint();
  }

  press(button) {
    for (const other of button.parentElement.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  }

  async repaint() {
    const chosen = bar.querySelector("[data-duty][aria-pressed=true]");
    const part = Number(bar.querySelector("[data-part][aria-pressed=true]").dataset.part);
    const { duty, countsUrl } = chosen.dataset;
    const counts = countsUrl ? (await json(this.countsUrl(countsUrl))).cells : null;
    this.paper.paint({ duty: duty === "" ? null : Number(duty), part, counts });
  }

  countsUrl(url) {
    const by = bar.querySelector("[data-counts-by]");
    if (by) by.hidden = false;
    return by ? `${url}?by=${by.value}` : url;
  }

  // The next of a group of buttons, round and round.
  turn(name) {
    const all = [...bar.querySelectorAll(`[data-${name}]`)];
    const at = all.findIndex((one) => one.getAttribute("aria-pressed") === "true");
    this.press(all[(at + 1) % all.length]);
    this.repaint();
  }

  explain({ teams, holes, shades }) {
    const legend = document.getElementById("paint-legend");
    const entries = shades
      ? legend.dataset.wordsLevels.split("|").map((name, at) => ({ name, tint: shades[at] }))
      : teams;
    const nodes = entries.map(({ name, tint, count }) => {
      const swatch = el("i", {});
      swatch.style.background = tint;
      return el("span", {}, swatch, count === undefined ? name : `${name} `, count === undefined ? "" : el("b", {}, String(count)));
    });
    if (holes) nodes.push(el("span", {}, el("i", { class: "is-hole" }), `${legend.dataset.wordsHole} `, el("b", {}, String(holes))));
    legend.replaceChildren(...nodes);
    const by = bar.querySelector("[data-counts-by]");
    if (by) by.hidden = !shades;
  }

  // --- The chosen cell -------------------------------------------------------------------------

  onChosen({ key }) {
    const url = box.dataset.panelUrl.replace("-key-", encodeURIComponent(key));
    window.htmx.ajax("GET", url, "#cell-card").then(() => {
      if (matchMedia("(max-width: 1100px)").matches) card.scrollIntoView({ block: "start" });
    });
  }

  onClick(event) {
    const link = event.target.closest("[data-choose-cell]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      if (this.paper.choose(link.dataset.chooseCell, { look: true })) event.preventDefault();
      return;
    }
    const problem = event.target.closest("[data-problem]");
    if (problem) {
      this.show(Number(problem.dataset.problem));
      if (event.target.closest("[data-fix]")) this.fix();
      return;
    }
    const tool = event.target.closest("[data-tool]");
    if (tool && this.editor) this.useTool(tool.dataset.tool);
  }

  useTool(name) {
    const { editor, paper } = this;
    if (["undo", "redo"].includes(name)) editor.act({ kind: name });
    else if (name === "merge" && editor.mode === "merge") editor.mergeNow();
    else if (name === "halves-h" || name === "halves-v") this.cutInHalf(name === "halves-v");
    else if (name === "renumber") editor.act({ kind: "renumber", keys: [card.querySelector("[data-area]").dataset.area] });
    else editor.setMode(name);
    if (name === "edit" && editor.mode === "edit") paper.map.getContainer().querySelector(".marker-icon")?.focus();
  }

  // Without a mouse a cell is cut through its middle; its border is then moved by keys.
  cutInHalf(upright) {
    const { paper, editor } = this;
    const cell = paper.cells.get(paper.chosen);
    if (!cell) return;
    const { west, east, south, north } = cell.box;
    const { x, y } = cell.middle;
    const line = upright ? [[x, south - 100], [x, north + 100]] : [[west - 100, y], [east + 100, y]];
    const points = line.map((point) => point.map((value) => value / paper.unit));
    editor.act({ kind: "split", keys: [cell.key], points });
  }

  onSubmit(event) {
    const form = event.target.closest("form[data-ask]");
    if (!form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { ask, keyOf: key } = form.dataset;
    const values = Object.fromEntries(new FormData(form));
    const asked = { kind: ask, keys: [key, ...(values.other ? [values.other] : [])], code: values.code, name: values.name };
    this.editor.act(asked).then((told) => told && this.paper.choose(key));
  }

  // --- Problems --------------------------------------------------------------------------------

  take(state) {
    document.getElementById("grid-board").innerHTML = state.panel;
    window.htmx.process(document.getElementById("grid-board"));
    this.problems = state.problems;
    this.drawProblems();
    for (const [name, on] of [["undo", state.undo], ["redo", state.redo]]) {
      const tool = document.querySelector(`[data-tool=${name}]`);
      if (tool) tool.disabled = !on;
    }
    box.dataset.version = state.version;
  }

  drawProblems() {
    const { L, map } = this.paper;
    this.marks?.remove();
    this.marks = L.layerGroup().addTo(map);
    for (const { number, kind, at, place, title, blocks } of this.problems) {
      if (place) {
        L.geoJSON(place, { pane: "seams", style: { className: `seam is-${kind}` }, interactive: false, pmIgnore: true }).addTo(this.marks);
      }
      const face = el("span", { class: `seam-mark${blocks ? "" : " is-mild"}${place ? "" : " is-above"}` }, el("b", {}, String(number)));
      const icon = L.divIcon({ className: "seam-seat", html: face, iconSize: [0, 0] });
      L.marker([at[1], at[0]], { icon, title, alt: title, keyboard: false, pmIgnore: true, snapIgnore: true })
        .on("click", () => this.show(number)).addTo(this.marks);
    }
  }

  show(number) {
    const one = this.problems?.find((each) => each.number === number);
    if (!one) return;
    this.problem = this.problems.indexOf(one);
    for (const line of document.querySelectorAll("[data-problem]")) {
      line.toggleAttribute("aria-current", Number(line.dataset.problem) === number);
    }
    document.querySelector(`[data-problem="${number}"]`)?.scrollIntoView({ block: "nearest" });
    const { map } = this.paper;
    if (one.key) this.paper.choose(one.key);
    map.setView([one.at[1], one.at[0]], Math.max(map.getZoom(), 15), { animate: false });
  }

  step(by) {
    if (!this.problems?.length) return;
    const at = (this.problem + by + this.problems.length) % this.problems.length;
    this.show(this.problems[this.problem < 0 ? 0 : at].number);
  }

  fix() {
    const one = this.problems?.[Math.max(this.problem, 0)];
    if (!one) return;
    if (one.ask) {
      this.problem = -1;
      this.editor.act(one.ask);
    } else document.querySelector(`[data-problem="${one.number}"] a`)?.click();
  }

  onKey(event) {
    const name = keyName(event);
    if (event.repeat || keysAreOff() || belongsToField(event, name) || document.querySelector("dialog[open]")) return;
    const acts = { l: () => this.turn("duty"), t: () => this.turn("part") };
    if (this.editor) {
      Object.assign(acts, {
        "[": () => this.step(-1), "]": () => this.step(1), f: () => this.fix(),
        Escape: () => this.editor.setMode("pick"),
      });
      if (this.editor.mode === "merge") acts.Enter = () => this.editor.mergeNow();
    } else acts.Escape = () => this.paper.letGo();
    if (!acts[name]) return;
    event.preventDefault();
    acts[name]();
  }

  // --- Tools -----------------------------------------------------------------------------------

  startEditor() {
    const { actUrl, checkUrl, stateUrl } = box.dataset;
    const hint = document.getElementById("grid-say");
    this.editor = new Editor(this.paper, {
      actUrl, checkUrl, stateUrl,
      onState: (state) => this.take(state),
      say: (words, tone = "") => {
        hint.textContent = words;
        hint.className = `grid-say${tone ? ` tone-${tone}` : ""}`;
        hint.hidden = !words;
      },
    });
    box.addEventListener("grid:mode", ({ detail }) => {
      for (const tool of document.querySelectorAll("[data-tool][aria-pressed]")) {
        tool.setAttribute("aria-pressed", String(tool.dataset.tool === detail.mode));
      }
    });
    document.addEventListener("submit", (event) => this.onSubmit(event), true);
    return json(stateUrl).then((state) => this.editor.take(state));
  }
}

async function start() {
  const say = box.querySelector(".map-say");
  const began = performance.now();
  try {
    const [L, outline] = await Promise.all([leaflet(box), json(box.dataset.shapesUrl)]);
    if (box.dataset.geoman) await loaded(box.dataset.geoman);
    const paper = new Paper(L, box);
    const page = new Page(paper);
    performance.mark("grid:begun");
    paper.fill(outline, { fit: true });
    page.repaint();
    performance.measure("grid:cells", "grid:begun");
    bar.classList.remove("is-waiting");
    if (box.dataset.geoman) await page.startEditor();
    say.hidden = true;
    announce(box, paper);
    // When the cells stood on the paper, for whoever measures it: the frame after the one in which
    // they were put down, so that the ink is counted as well.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      performance.mark("grid:drawn");
      box.dataset.drawnMs = String(Math.round(performance.now() - began));
      box.setAttribute("data-ready", "");
    }));
    const asked = new URLSearchParams(location.search).get("cell");
    if (asked) paper.choose([...paper.cells.values()].find(({ code }) => code === asked)?.key, { look: true });
    return page;
  } catch (error) {
    say.textContent = t("map.failed");
    console.error("grid", error);
    return null;
  }
}

/** The page once its map is drawn, null where it has none. */
export const ready = box ? start() : Promise.resolve(null);

// The map of the cells: `sheet` draws them, thousands at once. Labels stand on a canvas of their own
// and are left out where they do not fit; the chosen cell lies on top, as a shape that can be edited.

import { BaseMaps } from "../basemaps.js";
import { el, t } from "../text.js";
import { Sheet } from "./sheet.js";

export const PARTS = 3;
const TINTS = ["#dbeaf7", "#ddf0e4", "#f6ecd4", "#eae6f5", "#f7e4e1", "#d9eef0", "#ecdff0", "#e8ebd6"];
const SHADES = ["#ffffff", "#e1ebf7", "#bdd3ee", "#8fb4e0", "#5d90cb"];
const STEPS = [1, 3, 6, 11];
const PLAIN = "#ffffff";
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Rings of the outline, told by differences, as points in whole units: parts, rings, [x, y]. */
function unpacked(parts) {
  return parts.map((part) => part.map((steps) => {
    const ring = [];
    let [x, y] = [0, 0];
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      ring.push([x, y]);
    }
    return ring;
  }));
}

// The middle of the largest part's shell, by area.
function middle(parts) {
  const shells = parts.map(([shell]) => shell);
  let best = null;
  for (const shell of shells) {
    const [x0, y0] = shell[0];
    let [sum, sx, sy] = [0, 0, 0];
    shell.forEach(([ax, ay], i) => {
      const [bx, by] = shell[(i + 1) % shell.length];
      const cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
      sum += cross;
      sx += (ax + bx - 2 * x0) * cross;
      sy += (ay + by - 2 * y0) * cross;
    });
    if (sum && (!best || Math.abs(sum) > best.sum)) {
      best = { sum: Math.abs(sum), x: x0 + sx / sum / 3, y: y0 + sy / sum / 3 };
    }
  }
  return best ?? { x: shells[0][0][0], y: shells[0][0][1] };
}

function boxOf(parts) {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [shell] of parts) {
    for (const [x, y] of shell) {
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
    }
  }
  return { west, south, east, north };
}

export class Paper {
  constructor(L, box) {
    this.L = L;
    this.box = box;
    this.cells = new Map();
    this.teams = [];
    this.paintBy = { duty: 0, part: 0, counts: null };
    const canvas = box.querySelector(".map-canvas");
    this.map = L.map(canvas, {
      attributionControl: false, zoomAnimation: false, fadeAnimation: false, zoomSnap: 0.25,
      minZoom: 9, maxZoom: 21, zoomControl: false, keyboard: false, doubleClickZoom: false,
    });
    L.control.zoom({ position: "topright", zoomInTitle: t("map.closer"), zoomOutTitle: t("map.further") }).addTo(this.map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(this.map);
    this.map.setView([28.858, 121.145], 12);
    this.addPanes();
    const bases = JSON.parse(box.dataset.baseMaps || "[]");
    if (bases.length) this.bases = new BaseMaps(L, this.map, box, bases);
    canvas.tabIndex = 0;
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(canvas);
  }

  addPanes() {
    const { map, L } = this;
    for (const [name, order] of [["limits", 410], ["labels", 420], ["chosen", 430], ["seams", 440]]) {
      map.createPane(name).style.zIndex = order;
    }
    for (const name of ["limits", "labels", "seams"]) map.getPane(name).style.pointerEvents = "none";
    this.sheet = new Sheet(L, map);
    map.on("click", (event) => this.onClick(event));
    map.on("mousemove", ({ latlng }) => this.box.classList.toggle("is-over-cell", Boolean(this.sheet.at(latlng))));
    this.top = L.svg({ pane: "chosen", padding: 0.5 });
    this.ink = el("canvas", { class: "map-ink" });
    map.getPane("labels").append(this.ink);
    map.on("moveend zoomend resize viewreset", () => this.drawLabels());
  }

  /** Takes all cells of an outline in the place of those there are; `paint` colours them. */
  fill(outline, { fit = false } = {}) {
    for (const key of [...this.cells.keys()]) this.drop(key);
    this.read(outline);
    if (fit) this.fit();
    if (this.chosen) this.highlight();
    this.limits?.remove();
    this.limits = this.L.layerGroup((outline.limits ?? []).map(([name, rings]) => this.L.polygon(this.latLngs(unpacked(rings)), {
      className: "map-limit", pane: "limits", interactive: false, pmIgnore: true, alt: name,
    }))).addTo(this.map);
  }

  /** Takes cells of an outline in, each in the place of the one with its key. */
  put(outline) {
    for (const key of outline.gone ?? []) this.drop(key);
    this.read(outline);
    this.paint();
    if (this.chosen) this.highlight();
  }

  // The cells of an outline, laid out on the sheet; `paint` draws them.
  read({ unit, teams, cells }) {
    this.unit = unit;
    const team = teams.map((name) => {
      if (!this.teams.includes(name)) this.teams.push(name);
      return this.teams.indexOf(name);
    });
    for (const [key, code, name, area, chief, holes, answering, rings] of cells) {
      this.drop(key);
      const parts = unpacked(rings);
      const cell = {
        key, code, name, area, chief, holes, parts, box: boxOf(parts), middle: middle(parts), tint: PLAIN,
        teams: answering.map((at) => (at < 0 ? -1 : team[at])),
      };
      this.cells.set(key, cell);
      this.sheet.put(cell, unit);
    }
  }

  drop(key) {
    const cell = this.cells.get(key);
    if (cell) this.sheet.drop(cell);
    this.cells.delete(key);
  }

  /** Shows a cell with other rings for a while; without `parts` as it is. */
  bend(cell, parts = cell.parts) {
    if (cell.drawn.parts === parts) return;
    this.sheet.put(cell, this.unit, parts);
    this.sheet.soon();
  }

  latLngs(parts) {
    return parts.map((part) => part.map((ring) => ring.map(([x, y]) => [y / this.unit, x / this.unit])));
  }

  fit() {
    if (!this.cells.size) return;
    let box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
    for (const cell of this.cells.values()) {
      box = {
        west: Math.min(box.west, cell.box.west), south: Math.min(box.south, cell.box.south),
        east: Math.max(box.east, cell.box.east), north: Math.max(box.north, cell.box.north),
      };
    }
    const { unit } = this;
    this.map.fitBounds([[box.south / unit, box.west / unit], [box.north / unit, box.east / unit]], { padding: [14, 14], animate: false });
  }

  // --- Colours ---------------------------------------------------------------------------------

  /** Colours the cells by the team of a duty in a part of the day, by counts of cases, or not. */
  paint(by = this.paintBy) {
    this.paintBy = by;
    const { duty, part, counts } = by;
    const sizes = new Map();
    for (const cell of this.cells.values()) {
      const team = duty === null ? -1 : cell.teams[duty * PARTS + part];
      if (team >= 0) sizes.set(team, (sizes.get(team) ?? 0) + 1);
    }
    const order = [...sizes.keys()].sort((a, b) => this.teams[a].localeCompare(this.teams[b], "zh"));
    const tint = new Map(order.map((team, at) => [team, TINTS[at % TINTS.length]]));
    let holes = 0;
    for (const cell of this.cells.values()) {
      cell.tint = PLAIN;
      if (counts) {
        const open = counts[cell.code]?.open ?? 0;
        cell.tint = SHADES[STEPS.filter((step) => open >= step).length];
      } else if (duty !== null) cell.tint = tint.get(cell.teams[duty * PARTS + part]) ?? PLAIN;
      if (cell.holes.length) holes += 1;
    }
    this.sheet.draw();
    this.drawLabels();
    this.box.dispatchEvent(new CustomEvent("grid:painted", {
      detail: {
        holes,
        shades: counts ? SHADES : null,
        teams: order.map((team) => ({ name: this.teams[team], count: sizes.get(team), tint: tint.get(team) })),
      },
    }));
  }

  // --- Labels ----------------------------------------------------------------------------------

  // What fits: the whole code, or its number alone, or nothing.
  drawLabels() {
    const { map, L, ink } = this;
    const size = map.getSize();
    const scale = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(ink, map.containerPointToLayerPoint([0, 0]));
    ink.width = size.x * scale;
    ink.height = size.y * scale;
    ink.style.width = `${size.x}px`;
    ink.style.height = `${size.y}px`;
    const pen = ink.getContext("2d");
    pen.scale(scale, scale);
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 2.5;
    pen.strokeStyle = "rgba(255, 255, 255, .8)";
    const taken = [];
    const roomy = [];
    const view = this.sheet.view();
    for (const cell of this.cells.values()) {
      const [west, north, east, south] = cell.frame;
      const [wide, high] = [(east - west) * view.scale, (south - north) * view.scale];
      if (wide < 18 || high < 16) continue;
      const at = { x: cell.spot.x * view.scale - view.x, y: cell.spot.y * view.scale - view.y };
      if (at.x < -40 || at.y < -20 || at.x > size.x + 40 || at.y > size.y + 20) continue;
      const whole = pen.measureText(cell.code).width;
      roomy.push({ cell, at, wide, whole, short: cell.code.match(/\d{1,3}$/)?.[0] });
    }
    // All alike: whole codes where most have room for them, else their numbers.
    const whole = roomy.filter((one) => one.whole < one.wide - 4).length > roomy.length * 0.45;
    this.shown = 0;
    for (const { cell, at, wide, short } of roomy) {
      const words = [whole ? cell.code : null, short, cell.code].find((text) => text && pen.measureText(text).width < wide - 4);
      if (!words) continue;
      const half = pen.measureText(words).width / 2 + 3;
      if (taken.some((one) => Math.abs(one.x - at.x) < one.half + half && Math.abs(one.y - at.y) < 14)) continue;
      taken.push({ x: at.x, y: at.y, half });
      const chosen = cell.key === this.chosen;
      pen.fillStyle = cell.holes.length ? "#b3261e" : chosen ? "#1a5fb4" : "#4a5866";
      pen.strokeText(words, at.x, at.y);
      pen.fillText(words, at.x, at.y);
      this.shown += 1;
    }
  }

  pointOf({ x, y }) {
    return this.map.latLngToContainerPoint([y / this.unit, x / this.unit]);
  }

  // --- Choosing --------------------------------------------------------------------------------

  // A place or a sign over the cells has its own click.
  onClick({ latlng, originalEvent }) {
    if (originalEvent?.target.closest?.(".leaflet-interactive, .leaflet-marker-icon")) return;
    const cell = this.sheet.at(latlng);
    if (cell) this.onPick(cell);
  }

  // Whoever draws at that moment takes the click for himself.
  onPick(cell) {
    const picked = new CustomEvent("grid:pick", { cancelable: true, detail: { key: cell.key } });
    if (this.box.dispatchEvent(picked)) this.choose(cell.key);
  }

  choose(key, { look = false } = {}) {
    const cell = this.cells.get(key);
    if (!cell) return false;
    const again = this.chosen === key;
    this.chosen = key;
    this.highlight();
    const at = [cell.middle.y / this.unit, cell.middle.x / this.unit];
    if (look) this.map.setView(at, Math.max(this.map.getZoom(), this.zoomFor(cell)), { animate: false });
    else this.map.panInside(at, { padding: [40, 40], animate: false });
    this.drawLabels();
    this.box.dispatchEvent(new CustomEvent("grid:chosen", { detail: { key, again } }));
    return true;
  }

  letGo() {
    this.chosen = null;
    this.mark?.remove();
    this.mark = null;
    this.drawLabels();
    this.box.dispatchEvent(new CustomEvent("grid:let-go"));
  }

  // Far enough that the cell and its neighbours are seen.
  zoomFor({ box }) {
    const { unit } = this;
    return this.map.getBoundsZoom([[box.south / unit, box.west / unit], [box.north / unit, box.east / unit]]) - 1.5;
  }

  // The chosen cell once more, on top; the editor works on this shape.
  highlight() {
    const cell = this.cells.get(this.chosen);
    this.mark?.remove();
    this.mark = null;
    if (!cell) {
      this.chosen = null;
      return;
    }
    this.mark = this.L.polygon(this.latLngs(cell.parts), {
      className: "map-chosen", renderer: this.top, pane: "chosen", interactive: false, pmIgnore: false, snapIgnore: true,
    }).addTo(this.map);
    this.box.dispatchEvent(new CustomEvent("grid:highlighted"));
  }

  // --- Keys ------------------------------------------------------------------------------------

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(".marker-icon")) return;
    if (event.key in WAYS) {
      const next = this.nextTo(WAYS[event.key]);
      if (next) this.choose(next);
    } else if (["+", "="].includes(event.key)) this.map.zoomIn();
    else if (event.key === "-") this.map.zoomOut();
    else return;
    event.preventDefault();
  }

  // Straight ahead counts more than aside.
  nextTo([x, y]) {
    const chosen = this.cells.get(this.chosen);
    const size = this.map.getSize();
    const from = chosen ? this.pointOf(chosen.middle) : this.L.point(size.x / 2, size.y / 2);
    let [best, least] = [null, Infinity];
    for (const cell of this.cells.values()) {
      if (cell === chosen) continue;
      const off = this.pointOf(cell.middle).subtract(from);
      const ahead = off.x * x + off.y * y;
      const cost = chosen ? ahead + 2 * Math.abs(off.x * y + off.y * x) : off.x ** 2 + off.y ** 2;
      if ((!chosen || ahead > 1) && cost < least) [best, least] = [cell.key, cost];
    }
    return best;
  }
}

// Cases on the map of cells: markers that the server clusters for what is shown, cells shaded by a
// number, and the markers once more as a list.

import { card, cityOf, json, pinIcon } from "./map.js";
import { el, t } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";
const SIZES = [[10, 26], [100, 30], [1000, 36], [Infinity, 44]];
const WAIT = 120;
// From here on a marker is opened and not looked into.
const NEAREST = 17;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A white disc with the number; the red arc is the share that is overdue.
function disc({ count, overdue }) {
  const size = SIZES.find(([below]) => count < below)[1];
  const [middle, radius] = [size / 2, size / 2 - 2];
  const ring = { cx: middle, cy: middle, r: radius };
  const share = Math.round((100 * overdue) / count);
  const arc = { ...ring, class: "ring-late", pathLength: 100, "stroke-dasharray": `${share} 100` };
  const face = svg("svg", { width: size, height: size, "aria-hidden": "true", class: "disc" },
    svg("circle", { ...ring, class: "ring" }),
    ...(share ? [svg("circle", { ...arc, transform: `rotate(-90 ${middle} ${middle})` })] : []),
    svg("text", { x: middle, y: middle, dy: "0.35em" }, short(count)));
  return [face, size];
}

function short(count) {
  return count < 10000 ? String(count) : `${Math.round(count / 1000) / 10}万`;
}

function words({ count, overdue }, about) {
  const said = t(overdue ? "map.cases_late" : "map.cases", { n: count, late: overdue });
  return about ? t("map.about", { words: said }) : said;
}

function placed(item, about) {
  const said = item.case ? `${item.case.number} ${item.case.title} ${item.case.state}` : words(item, about);
  return item.near ? t("map.near", { words: said, code: item.near }) : said;
}

// South west and north east of a tile of the map.
function boundsOf(tile) {
  const [z, x, y] = tile.split("/").map(Number);
  const lon = (column) => (column / 2 ** z) * 360 - 180;
  const lat = (row) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / 2 ** z))) * 180) / Math.PI;
  return [[lat(y + 1), lon(x)], [lat(y), lon(x + 1)]];
}

class CaseMap {
  constructor(box, city) {
    this.box = box;
    this.city = city;
    this.map = city.map;
    this.markers = city.L.layerGroup().addTo(this.map);
    this.total = box.querySelector("[data-map-total]");
    this.points = box.querySelector("[data-map-points]");
    this.legend = box.querySelector("[data-map-legend]");
    this.shades = box.querySelector("[data-shades]");
  }

  start() {
    this.fromAddress();
    this.map.on("moveend", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.refresh(), WAIT);
      this.toAddress();
    });
    this.shades?.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-shade]");
      if (button) this.shade(button);
    });
    this.box.addEventListener("click", (event) => this.fromList(event));
    document.addEventListener("click", (event) => this.fromTable(event));
    this.refresh();
    const pressed = this.shades?.querySelector("[aria-pressed=true]");
    if (pressed && this.city.cells.size) this.shade(pressed);
  }

  // --- The address keeps what is looked at, on a page of its own

  fromAddress() {
    const [zoom, lat, lon] = location.hash.slice(1).split("/").map(Number);
    const real = this.box.hasAttribute("data-keeps-view") && [zoom, lat, lon].every(Number.isFinite);
    if (real) this.map.setView([lat, lon], zoom, { animate: false });
  }

  toAddress() {
    if (!this.box.hasAttribute("data-keeps-view")) return;
    const { lat, lng } = this.map.getCenter();
    history.replaceState(history.state, "", `#${this.map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  }

  // --- Markers

  async refresh() {
    this.asking?.abort();
    this.asking = new AbortController();
    const bounds = this.map.getBounds();
    const url = new URL(this.box.dataset.clustersUrl, location.href);
    const edges = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const west = Math.max(-180, edges[0]);
    url.searchParams.set("box", [west, edges[1], Math.max(west, Math.min(180, edges[2])), edges[3]].join());
    url.searchParams.set("zoom", Math.max(0, Math.min(22, Math.round(this.map.getZoom()))));
    try {
      this.draw(await json(url, this.asking.signal));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.total.textContent = t("map.points_failed");
    }
  }

  draw({ items, about, total, list }) {
    for (const item of items) item.url = item.case?.url ?? list.replace("-tile-", item.tile);
    this.markers.clearLayers();
    items.forEach((item) => this.marker(item, about).addTo(this.markers));
    const overdue = items.reduce((sum, item) => sum + item.overdue, 0);
    const said = words({ count: total, overdue }, about);
    this.total.textContent = total ? t("map.shown", { words: said }) : t("map.shown_none");
    if (about) this.total.append(` ${t("map.estimated")}`);
    this.list(items, about);
    this.city.uncover(items.map(({ lat, lon }) => [lat, lon]));
    this.box.dataset.drawn = String(Number(this.box.dataset.drawn ?? 0) + 1);
  }

  marker(item, about) {
    const { L } = this.city;
    const [face, size] = item.case ? [] : disc(item);
    const name = el("span", { class: "hush" }, item.case ? placed(item) : t("map.zoom_here", { words: placed(item, about) }));
    const icon = item.case
      ? pinIcon(L, { tone: item.case.tone })
      : L.divIcon({ className: "disc-seat", iconSize: [size, size], html: el("span", {}, face, name) });
    const title = placed(item, about);
    const marker = L.marker([item.lat, item.lon], { icon, title, alt: title, riseOnHover: true });
    const open = () => this.open(item, about);
    marker.on("click", open);
    marker.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && open());
    if (item.case) marker.on("add", () => marker.getElement().append(name));
    return marker;
  }

  open(item, about) {
    if (!item.case && this.map.getZoom() < NEAREST) return this.lookInto(item.tile);
    const at = [item.lat, item.lon];
    if (item.case) {
      const { number, title, address, state } = item.case;
      return this.map.openPopup(card({ title: `${number} ${title}`, lines: [address, state], url: item.url }), at);
    }
    const label = about ? t("map.look_about") : t("map.look", { n: item.count });
    return this.map.openPopup(card({ title: words(item, about), url: item.url, url_label: label }), at);
  }

  lookInto(tile) {
    this.map.fitBounds(boundsOf(tile), { animate: false });
  }

  list(items, about) {
    if (!this.points) return;
    const ordered = [...items].sort((one, other) => other.count - one.count);
    this.points.replaceChildren(...ordered.map((item) => el("li", {},
      el("a", { href: item.url }, placed(item, about)),
      ...(item.case ? [] : [el("button", { type: "button", class: "btn s", "data-look-into": item.tile }, t("map.closer"))]))));
  }

  fromList({ target }) {
    const button = target.closest("[data-look-into]");
    if (button) this.lookInto(button.dataset.lookInto);
  }

  // A cell named in a table beside the map is chosen in the map; with a key held, or where the map
  // does not have it, the link leads to its cases.
  fromTable(event) {
    const link = event.target.closest("[data-choose-cell]");
    const shape = link && this.city.cells.get(link.dataset.chooseCell);
    if (!shape || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.city.choose(shape);
  }

  // --- Shades

  async shade(button) {
    for (const other of this.shades.querySelectorAll("[data-shade]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const url = new URL(this.box.dataset.cellsUrl, location.href);
    url.searchParams.set("shade", button.dataset.shade);
    try {
      this.paint(await json(url));
    } catch (error) {
      this.legend.textContent = t("map.points_failed");
      console.error("shades", error);
    }
  }

  paint({ title, bands, cells }) {
    let unfilled = 0;
    for (const [code, shape] of this.city.cells) {
      const [level] = cells[code] ?? [0];
      const node = shape.getElement();
      for (const name of [...node.classList]) if (/^level-/.test(name)) node.classList.remove(name);
      if (level) node.classList.add(`level-${Number(level)}`);
      unfilled += shape.feature.properties.hole ? 1 : 0;
    }
    const steps = bands.map(([level, text]) => el("span", {}, el("i", { class: level ? `level-${Number(level)}` : "" }), text));
    const holes = unfilled ? [el("span", {}, el("i", { class: "is-hole" }), `${t("map.unfilled")} ${unfilled}`)] : [];
    this.legend.replaceChildren(el("b", {}, title), ...steps, ...holes);
  }
}

/** Brings one [data-case-map] box to life: the map component in it, its shades and markers. */
export async function start(box) {
  const city = await cityOf(box.querySelector("[data-map]"));
  new CaseMap(box, city).start();
}

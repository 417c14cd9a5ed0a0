// Streets, places and shops as layers over a map that is on the page: lines by grade, signs by
// kind, dots by pledge. What a layer shows is fetched for the window; the lists hold the same.

import { card, cityOf, json } from "./map.js";
import { el } from "./text.js";

const WAIT = 150;
// Nearer than this the streets bear their names.
const NAMED = 15;

function shapeClass({ grade }) {
  return grade ? `street-line grade-${grade}` : "place-shape";
}

class Layers {
  constructor(box, city) {
    this.box = box;
    this.city = city;
    this.say = box.querySelector("[data-layers-say]");
    this.shown = new Map();
  }

  start() {
    for (const button of this.box.querySelectorAll("[data-layer]")) {
      button.addEventListener("click", () => this.turn(button));
    }
    this.city.map.on("moveend", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.refresh(), WAIT);
    });
    const first = this.box.querySelector(`[data-layer="${this.box.dataset.on}"]`);
    if (first) this.turn(first);
  }

  turn(button) {
    const name = button.dataset.layer;
    const on = !this.shown.has(name);
    button.setAttribute("aria-pressed", String(on));
    if (on) return this.show(button);
    this.shown.get(name).group.remove();
    this.shown.delete(name);
    return this.tell();
  }

  async show(button) {
    const group = this.city.L.layerGroup().addTo(this.city.map);
    this.shown.set(button.dataset.layer, { button, group, more: false });
    await this.fill(button.dataset.layer, this.box.hasAttribute("data-fits"));
  }

  refresh() {
    if (!this.box.hasAttribute("data-fits")) for (const name of this.shown.keys()) this.fill(name);
  }

  async fill(name, fits = false) {
    const layer = this.shown.get(name);
    layer.asking?.abort();
    layer.asking = new AbortController();
    const url = new URL(layer.button.dataset.url, location.href);
    if (!fits) url.searchParams.set("box", this.window());
    try {
      const data = await json(url, layer.asking.signal);
      if (this.shown.get(name) === layer) this.draw(layer, data, fits);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.say.textContent = this.say.dataset.failed ?? "";
      console.error("places", error);
    }
  }

  window() {
    const bounds = this.city.map.getBounds();
    const lon = (degrees) => Math.max(-180, Math.min(180, degrees));
    const lat = (degrees) => Math.max(-90, Math.min(90, degrees));
    return [lon(bounds.getWest()), lat(bounds.getSouth()), lon(bounds.getEast()), lat(bounds.getNorth())].join();
  }

  draw(layer, data, fits) {
    layer.group.clearLayers();
    layer.more = data.more;
    const drawn = this.city.L.geoJSON(data, {
      style: ({ properties, geometry }) => (geometry.type === "Point" ? {} : { className: shapeClass(properties) }),
      pointToLayer: (feature, at) => this.point(feature, at),
      onEachFeature: (feature, shape) => this.wire(feature, shape, layer),
    }).addTo(layer.group);
    const node = this.box;
    node.dataset.drawn = String(Number(node.dataset.drawn ?? 0) + 1);
    if (fits && drawn.getLayers().length) this.city.map.fitBounds(drawn.getBounds().pad(0.3), { maxZoom: 17, animate: false });
    this.tell();
  }

  point({ properties }, at) {
    const { L } = this.city;
    if (properties.kind === "shop") {
      return L.circleMarker(at, { radius: 5, className: `shop-dot pledge-${properties.pledge}` });
    }
    return this.sign(properties, at);
  }

  sign(properties, at) {
    const names = ["place-sign", ...(["vending", "hot"].includes(properties.kind) ? [`is-${properties.kind}`] : [])];
    const face = el("span", { class: names.join(" ") }, properties.sign);
    const icon = this.city.L.divIcon({ className: "place-sign-seat", html: face, iconSize: [0, 0] });
    return this.city.L.marker(at, { icon, title: properties.title, alt: properties.title });
  }

  wire({ properties, geometry }, shape, layer) {
    shape.bindPopup(() => card(properties));
    if (properties.grade && this.city.map.getZoom() >= NAMED) {
      shape.bindTooltip(el("span", {}, properties.title), { permanent: true, direction: "center", className: "street-label" });
    }
    // An outline has its sign as well.
    if (/Polygon/.test(geometry.type) && properties.at?.[0] != null) {
      const [lon, lat] = properties.at;
      this.sign(properties, [lat, lon]).bindPopup(() => card(properties)).addTo(layer.group);
    }
  }

  tell() {
    const more = [...this.shown.values()].some((layer) => layer.more);
    this.say.textContent = more ? this.say.dataset.more ?? "" : "";
  }
}

/** Brings one [data-place-layers] box to life: its buttons turn the layers on and off. */
export async function start(box) {
  const map = document.getElementById(box.dataset.mapId);
  if (map) new Layers(box, await cityOf(map)).start();
}

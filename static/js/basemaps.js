// Base maps from the settings, under our own cells: a choice in the map's corner, kept by the
// browser. Where one cannot be had (no internet), the map goes back to none and says so.

import { crsFor } from "./offsets.js";
import { el, t } from "./text.js";

const KEPT = "citymgmt.base-map";
const NONE = "";
const MOST_ERRORS = 4;

/** The base maps of one map; `list` are those of the settings, by name. */
export class BaseMaps {
  constructor(L, map, box, list) {
    this.L = L;
    this.map = map;
    this.box = box;
    this.list = list;
    this.layers = [];
    this.choice = this.addChoice();
    this.credit = box.appendChild(el("div", { class: "map-credit", hidden: true }));
    const kept = localStorage.getItem(KEPT);
    this.use(kept === NONE || list.some(({ name }) => name === kept) ? kept : list[0].name);
  }

  addChoice() {
    const options = ["", ...this.list.map(({ name }) => name)].map((name) =>
      el("option", { value: name }, name || t("map.no_base")));
    const choice = el("select", { class: "map-bases", "aria-label": t("map.base") }, ...options);
    choice.addEventListener("change", () => {
      localStorage.setItem(KEPT, choice.value);
      this.use(choice.value);
    });
    this.L.DomEvent.disableClickPropagation(choice);
    return this.box.appendChild(choice);
  }

  use(name) {
    const { L, map } = this;
    const base = this.list.find((one) => one.name === name);
    this.layers.forEach((layer) => layer.remove());
    this.turn(crsFor(L, base?.offset ?? "wgs84"));
    this.layers = (base?.urls ?? []).map((url) => this.tiles(url, base));
    this.layers.forEach((layer) => layer.addTo(map));
    this.box.classList.toggle("has-base", Boolean(base));
    this.choice.value = name;
    this.credit.textContent = base?.attribution ?? "";
    this.credit.hidden = !this.credit.textContent;
  }

  // The place and the zoom stay; everything on the map is projected anew.
  turn(crs) {
    const { map } = this;
    if (map.options.crs === crs) return;
    const [center, zoom] = [map.getCenter(), map.getZoom()];
    map.options.crs = crs;
    map.setView(center, zoom, { reset: true, animate: false });
  }

  tiles(url, base) {
    let [errors, loaded] = [0, false];
    const layer = this.L.tileLayer(url, {
      subdomains: base.subdomains.length ? base.subdomains : "abc",
      maxNativeZoom: base.max_zoom,
      maxZoom: this.map.getMaxZoom(),
      referrerPolicy: base.referrer ? "origin" : "no-referrer",
    });
    layer.on("tileload", () => (loaded = true));
    layer.on("tileerror", () => {
      errors += 1;
      if (errors === MOST_ERRORS && !loaded) this.giveUp();
    });
    return layer;
  }

  giveUp() {
    this.use(NONE);
    const say = this.box.querySelector(".map-say");
    if (!say) return;
    say.textContent = t("map.base_failed");
    say.hidden = false;
  }
}

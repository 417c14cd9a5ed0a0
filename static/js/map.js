// Maps of our own polygons, drawn by Leaflet, with a base map under them where the settings have
// one. Every map has a list beside it on the page, which is what remains without script.

import { BaseMaps } from "./basemaps.js";
import * as mapkeys from "./mapkeys.js";
import { el, t, toast } from "./text.js";

const TONES = /^(muted|doing|ok|warn|bad|hold)$/;
const PLACES = 6;
const cities = new WeakMap();
let library = null;

/** Leaflet, fetched only by pages that have a map; its address comes from the page (hashed names). */
export function leaflet(box) {
  library ??= Promise.all([
    arrive(el("link", { rel: "stylesheet", href: box.dataset.leafletCss })),
    arrive(el("script", { src: box.dataset.leaflet })),
  ]).then(() => window.L);
  return library;
}

// Before our own sheets, which have the last word; labels are measured, so the sheet must be there.
function arrive(node) {
  return new Promise((resolve, reject) => {
    node.addEventListener("load", resolve);
    node.addEventListener("error", reject);
    document.head.prepend(node);
  });
}

/** The JSON at an address of ours; throws where the answer is not good. */
export async function json(url, signal) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", signal });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function cellClass({ tone, level, hole }) {
  const names = ["map-cell"];
  if (TONES.test(tone)) names.push(`tone-${tone}`);
  if (level) names.push(`level-${Number(level)}`);
  if (hole) names.push("is-hole");
  return names.join(" ");
}

/** A pin of a tone. The shape stands inside the marker, whose own transform belongs to Leaflet. */
export function pinIcon(L, { tone, count, near, own }) {
  const names = ["pin", `tone-${TONES.test(tone) ? tone : "doing"}`];
  if (near) names.push("is-near");
  if (own) names.push("is-own");
  if (count) names.push("has-count");
  const face = el("span", { class: names.join(" ") }, count ? String(count) : "");
  return L.divIcon({ className: "pin-seat", html: face, iconSize: [0, 0] });
}

/** A small card. properties: title, lines[], url, url_label: all shown as text. */
export function card(properties) {
  const lines = (properties.lines ?? []).map((line) => el("div", {}, String(line)));
  const title = el("b", {}, properties.title ?? properties.name ?? properties.code ?? "");
  const link = properties.url ? [el("a", { href: properties.url }, properties.url_label ?? t("map.open"))] : [];
  return el("div", { class: "map-card" }, title, ...lines, ...link);
}

class CityMap {
  constructor(L, box) {
    this.L = L;
    this.box = box;
    this.canvas = box.querySelector(".map-canvas") ?? box.appendChild(el("div", { class: "map-canvas" }));
    this.map = L.map(this.canvas, {
      attributionControl: false, zoomAnimation: false, fadeAnimation: false, zoomSnap: 0.25, minZoom: 9, maxZoom: 19,
      zoomControl: false,
    });
    L.control.zoom({ zoomInTitle: t("map.closer"), zoomOutTitle: t("map.further") }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.map.setView([28.858, 121.145], 12);
    this.map.on("zoomend", () => this.fitLabels());
    this.labels = [];
    this.cells = new Map();
    const bases = JSON.parse(box.dataset.baseMaps || "[]");
    if (bases.length) this.bases = new BaseMaps(L, this.map, box, bases);
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.canvas);
  }

  async load() {
    const { cellsUrl, pointsUrl } = this.box.dataset;
    if (cellsUrl) this.addCells(await json(cellsUrl));
    if (pointsUrl) this.addPoints(await json(pointsUrl));
    if (this.box.hasAttribute("data-pick")) new Picker(this).start();
    this.fitLabels();
  }

  addCells(data) {
    const shapes = this.L.geoJSON(data, {
      filter: (feature) => feature.geometry?.type !== "Point",
      style: ({ properties, geometry }) => ({
        className: /Line/.test(geometry.type) ? "map-line" : cellClass(properties),
        interactive: !/Line/.test(geometry.type),
      }),
      onEachFeature: (feature, shape) => this.wireCell(feature, shape),
    }).addTo(this.map);
    shapes.eachLayer((shape) => shape.getElement()?.setAttribute("data-code", shape.feature.properties.code ?? ""));
    if (this.cells.size && !this.box.hasAttribute("data-pick")) mapkeys.start(this);
    if (shapes.getLayers().length) this.map.fitBounds(shapes.getBounds(), { padding: [12, 12], animate: false });
  }

  wireCell({ properties, geometry }, shape) {
    if (/Line/.test(geometry.type)) return;
    this.cells.set(properties.code, shape);
    const label = String(properties.label ?? properties.code ?? "");
    shape.bindTooltip(el("span", {}, label), { permanent: true, direction: "center", className: "map-label" });
    // Chinese characters are full width, figures and letters about half.
    this.labels.push({ shape, width: [...label].reduce((sum, sign) => sum + (sign > "\u00ff" ? 12 : 7), 0) });
    shape.on("click", (event) => this.choose(shape, event.latlng));
  }

  choose(shape, at = shape.getBounds().getCenter()) {
    if (this.box.hasAttribute("data-pick")) return;
    this.letGo();
    this.chosen = shape;
    shape.getElement().classList.add("is-chosen");
    shape.bringToFront();
    this.map.panInside(at, { padding: [40, 40], animate: false });
    this.show(shape.feature.properties, at);
  }

  letGo() {
    this.chosen?.getElement()?.classList.remove("is-chosen");
    this.chosen = null;
  }

  // A card beside the map, fetched by htmx, or a small one over the place.
  show(properties, at) {
    const { cardTarget, cardUrl } = this.box.dataset;
    const url = cardUrl?.replace("-code-", encodeURIComponent(properties.code)) ?? properties.card_url;
    if (url && cardTarget) window.htmx.ajax("GET", url, cardTarget);
    else this.map.openPopup(card(properties), at);
  }

  addPoints(data) {
    const points = this.L.geoJSON(data, {
      pointToLayer: ({ properties }, at) => this.L.marker(at, {
        icon: pinIcon(this.L, properties), title: properties.title ?? "", alt: properties.title ?? "",
      }),
      onEachFeature: ({ properties }, marker) => marker.on("click", () => this.show(properties, marker.getLatLng())),
    }).addTo(this.map);
    this.uncover(points.getLayers().map((marker) => marker.getLatLng()));
    const only = points.getLayers().length && !this.box.dataset.cellsUrl;
    if (only || this.box.hasAttribute("data-fit-points")) {
      this.map.fitBounds(points.getBounds().pad(0.2), { maxZoom: 16, animate: false });
    }
  }

  // A cell's label under a marker is hidden, so that both can be read.
  uncover(places) {
    const points = places.map((place) => this.map.latLngToContainerPoint(place));
    for (const { shape, width } of this.labels) {
      const label = shape.getTooltip();
      const at = this.map.latLngToContainerPoint(label.getLatLng() ?? shape.getBounds().getCenter());
      const covered = points.some(({ x, y }) => Math.abs(x - at.x) < width / 2 + 16 && Math.abs(y - at.y) < 22);
      label.getElement()?.classList.toggle("is-covered", covered);
    }
  }

  // A label that does not fit its cell, or would touch another one, is hidden.
  fitLabels() {
    const taken = [];
    for (const { shape, width } of this.labels) {
      const bounds = shape.getBounds();
      const west = this.map.latLngToContainerPoint(bounds.getNorthWest());
      const east = this.map.latLngToContainerPoint(bounds.getSouthEast());
      const at = this.map.latLngToContainerPoint(shape.getTooltip()?.getLatLng() ?? bounds.getCenter());
      const clear = taken.every((other) => Math.abs(other.at.x - at.x) > (other.width + width) / 2 + 4 || Math.abs(other.at.y - at.y) > 16);
      const fits = clear && east.x - west.x > width + 8 && east.y - west.y > 20;
      if (fits) taken.push({ at, width });
      shape.getTooltip()?.getElement()?.classList.toggle("is-small", !fits);
    }
  }
}

// Choosing one point for a form: click, drag, the device's position, or the photo's.
class Picker {
  constructor(city) {
    this.city = city;
    const { lonInput, latInput } = city.box.dataset;
    this.lon = document.getElementById(lonInput);
    this.lat = document.getElementById(latInput);
  }

  start() {
    const { map, box } = this.city;
    map.on("click", (event) => this.put(event.latlng));
    for (const field of [this.lon, this.lat]) field.addEventListener("change", () => this.fromFields(true));
    document.addEventListener("photo:placed", (event) => this.fromPhoto(event.detail));
    for (const button of document.querySelectorAll(`[data-map-locate="${box.id}"]`)) {
      button.hidden = !navigator.geolocation || !window.isSecureContext;
      button.addEventListener("click", () => this.fromDevice());
    }
    this.fromFields(true);
  }

  put(at, look = false) {
    const { L, map } = this.city;
    this.lon.value = at.lng.toFixed(PLACES);
    this.lat.value = at.lat.toFixed(PLACES);
    if (!this.marker) {
      const face = el("span", { class: "pin is-here" });
      const icon = L.divIcon({ className: "pin-seat", html: face, iconSize: [0, 0] });
      this.marker = L.marker(at, { icon, draggable: true, alt: t("map.here"), title: t("map.here") }).addTo(map);
      this.marker.on("dragend", () => this.put(this.marker.getLatLng()));
    }
    this.marker.setLatLng(at);
    if (look) map.setView(at, Math.max(map.getZoom(), 15), { animate: false });
    this.city.box.dispatchEvent(new CustomEvent("map:picked", { bubbles: true, detail: at }));
  }

  fromFields(look) {
    const [lng, lat] = [parseFloat(this.lon.value), parseFloat(this.lat.value)];
    if (Math.abs(lng) <= 180 && Math.abs(lat) <= 90) this.put(this.city.L.latLng(lat, lng), look);
  }

  fromPhoto({ lon, lat }) {
    if (this.lon.value || lon == null || lat == null) return;
    this.put(this.city.L.latLng(lat, lon), true);
    toast(t("map.from_photo"), "ok");
  }

  fromDevice() {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.put(this.city.L.latLng(coords.latitude, coords.longitude), true),
      () => toast(t("map.no_position"), "warn"),
      { enableHighAccuracy: true, timeout: 10000 },
    );
  }
}

/** The map of a [data-map] box once it is drawn. */
export function cityOf(box) {
  if (cities.has(box)) return Promise.resolve(cities.get(box));
  return new Promise((resolve) => {
    box.addEventListener("map:ready", () => resolve(cities.get(box)), { once: true });
  });
}

/** Lets others draw over the map of a box: whoever waits for it in cityOf gets its `map` and `L`. */
export function announce(box, city) {
  cities.set(box, city);
  box.dispatchEvent(new CustomEvent("map:ready", { bubbles: true }));
}

/** Brings one [data-map] box to life; see the map component for its attributes and properties. */
export async function start(box) {
  const say = box.querySelector(".map-say");
  try {
    const city = new CityMap(await leaflet(box), box);
    await city.load();
    box.setAttribute("data-ready", "");
    announce(box, city);
    if (say) say.hidden = !say.dataset.keep;
  } catch (error) {
    if (say) say.textContent = t("map.failed");
    console.error("map", error);
  }
}

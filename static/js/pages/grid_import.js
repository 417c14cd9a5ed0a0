// What a file of cells would do, drawn over the map: thousands of shapes, so on a canvas. A state
// is told by its colour and by its line; the list below says the same in words.

import { card, cityOf, json, pinIcon } from "../map.js";

const LINES = {
  wrong: { tone: "bad", weight: 3, dashArray: "10 3 2 3", fillOpacity: 0.5 },
  changed: { tone: "accent", weight: 2, dashArray: "7 4", fillOpacity: 0.55 },
  new: { tone: "ok", weight: 2, fillOpacity: 0.6 },
  gone: { tone: "hold", weight: 2.5, dashArray: "1 5", fillOpacity: 0 },
  same: { tone: "muted", weight: 1, fillOpacity: 0.15 },
};
// What matters lies above what does not.
const ORDER = ["same", "new", "changed", "gone", "wrong"];
const box = document.getElementById("import-map");
const legend = document.getElementById("import-legend");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function styles() {
  const found = { former: { color: colour("muted"), weight: 1, dashArray: "3 3", fill: false } };
  for (const [change, { tone, ...line }] of Object.entries(LINES)) {
    const fillColor = colour(tone === "muted" ? "sunken" : `${tone}-soft`);
    found[change] = { ...line, color: colour(tone), fillColor, fill: line.fillOpacity > 0 };
  }
  return found;
}

class Preview {
  constructor(city, data) {
    this.city = city;
    this.shapes = new Map();
    this.styles = styles();
    this.draw(data.features ?? []);
  }

  draw(features) {
    const { L, map } = this.city;
    const renderer = L.canvas({ padding: 0.3, tolerance: 3 });
    const rank = ({ properties }) => (properties.former ? 0 : ORDER.indexOf(properties.change) + 1);
    const areas = features.filter(({ geometry }) => geometry?.type !== "Point").sort((a, b) => rank(a) - rank(b));
    const layer = L.geoJSON({ type: "FeatureCollection", features: areas }, {
      renderer,
      style: ({ properties }) => this.styles[properties.former ? "former" : properties.change],
      onEachFeature: ({ properties }, shape) => this.wire(properties, shape),
    }).addTo(map);
    const places = features.filter(({ geometry }) => geometry?.type === "Point");
    const pins = L.geoJSON({ type: "FeatureCollection", features: places }, {
      pointToLayer: ({ properties }, at) => L.marker(at, { icon: pinIcon(L, properties), title: properties.title, alt: properties.title }),
      onEachFeature: ({ properties }, pin) => pin.bindPopup(() => card({ title: properties.title })),
    }).addTo(map);
    const bounds = layer.getLayers().length ? layer.getBounds() : pins.getLayers().length ? pins.getBounds() : null;
    if (bounds?.isValid()) map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }

  wire(properties, shape) {
    if (properties.former) return;
    this.shapes.set(`${properties.number}|${properties.code}`, shape);
    shape.bindPopup(() => card(properties));
  }

  show(number, code) {
    const shape = this.shapes.get(`${number}|${code}`);
    if (!shape) return false;
    const { map } = this.city;
    map.fitBounds(shape.getBounds(), { padding: [60, 60], maxZoom: 17, animate: false });
    shape.openPopup(shape.getBounds().getCenter());
    return true;
  }
}

async function start() {
  const city = await cityOf(box);
  const preview = new Preview(city, await json(legend.dataset.previewUrl));
  box.setAttribute("data-drawn", "");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-show-cell]");
    if (link && preview.show(link.dataset.showCell, link.dataset.showCode)) {
      event.preventDefault();
      box.scrollIntoView({ block: "nearest" });
    }
  });
}

if (box) start().catch((error) => console.error("preview", error));

// A map's cells by keyboard: arrows go to the next cell, + and - zoom, Enter opens, Escape lets go.

import { keysAreOff } from "./keys.js";

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function middle(map, shape) {
  return map.latLngToLayerPoint(shape.getTooltip()?.getLatLng() ?? shape.getBounds().getCenter());
}

// Straight ahead counts more than aside.
function nextOf(city, [x, y]) {
  const { map, chosen } = city;
  const from = chosen ? middle(map, chosen) : map.latLngToLayerPoint(map.getCenter());
  let [best, least] = [null, Infinity];
  for (const shape of city.cells.values()) {
    if (shape === chosen) continue;
    const off = middle(map, shape).subtract(from);
    const ahead = off.x * x + off.y * y;
    const cost = ahead + 2 * Math.abs(off.x * y + off.y * x);
    const reached = chosen ? ahead > 1 : true;
    if (reached && (chosen ? cost : off.x ** 2 + off.y ** 2) < least) {
      [best, least] = [shape, chosen ? cost : off.x ** 2 + off.y ** 2];
    }
  }
  return best;
}

function open(city) {
  const { cardTarget } = city.box.dataset;
  const card = cardTarget ? document.querySelector(cardTarget) : null;
  const link = card?.querySelector("[data-map-open]") ?? card?.querySelector("a");
  link?.click();
  return Boolean(link);
}

function onKey(city, event) {
  if (keysAreOff() || event.ctrlKey || event.metaKey || event.altKey) return;
  const { map } = city;
  const onMap = event.target === map.getContainer();
  if (event.key in WAYS) {
    const shape = nextOf(city, WAYS[event.key]);
    if (shape) city.choose(shape);
  } else if (["+", "="].includes(event.key)) map.zoomIn();
  else if (event.key === "-") map.zoomOut();
  else if (event.key === "Escape" && city.chosen) city.letGo();
  else if (!(event.key === "Enter" && onMap && city.chosen && open(city))) return;
  event.preventDefault();
}

/** Gives a map of cells its keys, in the place of Leaflet's own, which move the paper. */
export function start(city) {
  city.map.keyboard.disable();
  city.map.getContainer().addEventListener("keydown", (event) => onKey(city, event));
}

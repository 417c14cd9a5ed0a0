// The trail of one patrol over the map: its duty, the way leg by leg, where somebody checked in.

import { cityOf, pinIcon } from "../map.js";
import { el } from "../text.js";

const EVERY = 15;
const drawing = JSON.parse(document.getElementById("patrol-drawing").content.textContent);
const latlng = ([lon, lat]) => [lat, lon];
// Words as words: what is handed to a tooltip as text is taken for markup.
const named = (words) => () => el("span", {}, words);

function draw({ L, map }) {
  const drawn = L.featureGroup().addTo(map);
  const shape = (each, name) =>
    L.geoJSON(each.shape, { style: { className: `${name}${each.walked ? " is-walked" : ""}` } }).bindTooltip(named(each.name)).addTo(drawn);
  for (const cell of drawing.cells) shape(cell, "trail-area");
  for (const street of drawing.streets) shape(street, "trail-street");
  for (const leg of drawing.legs) {
    L.polyline(leg.map(latlng), { className: "trail-way", interactive: false }).addTo(drawn);
    // When one was where: now and then, and at both ends.
    leg.forEach((point, at) => {
      if (at % EVERY && at !== leg.length - 1) return;
      L.circleMarker(latlng(point), { radius: 4, className: "trail-way" }).bindTooltip(named(point[2])).addTo(drawn);
    });
  }
  for (const { at } of drawing.bad) L.circleMarker(latlng(at), { radius: 4, className: "trail-bad" }).bindTooltip(named(at[2])).addTo(map);
  for (const check of drawing.checks) {
    const title = `${check.at} ${check.name}`;
    L.marker([check.lat, check.lon], { icon: pinIcon(L, { tone: "ok" }), title, alt: title }).addTo(drawn);
  }
  if (drawn.getLayers().length) map.fitBounds(drawn.getBounds().pad(0.05), { maxZoom: 17, animate: false });
  document.getElementById("patrol-map").dataset.drawn = "1";
}

cityOf(document.getElementById("patrol-map")).then(draw);

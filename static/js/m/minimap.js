// The place on a small map of our own cells and streets: a tap moves the pin there.

const NS = "http://www.w3.org/2000/svg";
const METRES = 150;

const shape = (tag, attributes) => {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

/** Draw the surroundings of a point into an SVG; `pick` hears { lon, lat } of each tap, if any. */
export function showMap(svg, point, place, pick = null) {
  const centre = { lon: point.lon, lat: point.lat };
  const east = 111320 * Math.cos((centre.lat * Math.PI) / 180);
  const x = (lon) => (lon - centre.lon) * east;
  const y = (lat) => (centre.lat - lat) * 110574;
  const path = (ring) => ring.map(([lon, lat], index) => `${index ? "L" : "M"}${x(lon).toFixed(1)} ${y(lat).toFixed(1)}`).join("");
  svg.setAttribute("viewBox", `${-METRES} ${-METRES} ${METRES * 2} ${METRES * 2}`);
  const pin = shape("g", { class: "pin" });
  pin.append(shape("circle", { r: 9 }), shape("circle", { r: 3, class: "dot" }));
  svg.replaceChildren(
    ...(place?.cells ?? []).map((ring) => shape("path", { class: "cell", d: `${path(ring)}Z` })),
    ...(place?.streets ?? []).map((line) => shape("path", { class: "street", d: path(line) })),
    shape("circle", { class: "reach", r: 30 }),
    pin,
  );
  if (!pick) return;
  svg.onclick = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = (METRES * 2) / Math.min(box.width, box.height);
    const dx = (event.clientX - box.left - box.width / 2) * scale;
    const dy = (event.clientY - box.top - box.height / 2) * scale;
    pin.setAttribute("transform", `translate(${dx} ${dy})`);
    const round = (value) => Math.round(value * 1e6) / 1e6;
    pick({ lon: round(centre.lon + dx / east), lat: round(centre.lat - dy / 110574) });
  };
}

const SHAPES = {
  bad: () => shape("rect", { x: -11, y: -11, width: 22, height: 22, rx: 2, transform: "rotate(45)" }),
  warn: () => shape("path", { d: "M0 -17L17 13H-17Z" }),
};
const WIDE = 390;
const HIGH = 160;
const EDGE = 30;

/** Draw a walk into an SVG: from a point (or null) past stops { lon, lat, tone, nth }, over the
 * cells and streets around where they are known. */
export function showWay(svg, from, stops, around) {
  const points = from ? [from, ...stops] : stops;
  const lons = points.map((point) => point.lon);
  const lats = points.map((point) => point.lat);
  const [west, north] = [Math.min(...lons), Math.max(...lats)];
  const flat = Math.cos((north * Math.PI) / 180);
  const [width, height] = [(Math.max(...lons) - west) * flat, north - Math.min(...lats)];
  const scale = Math.min((WIDE - 2 * EDGE) / Math.max(width, 0.001), (HIGH - 2 * EDGE) / Math.max(height, 0.001));
  const [left, top] = [(WIDE - width * scale) / 2, (HIGH - height * scale) / 2];
  const put = ([lon, lat]) => [left + (lon - west) * flat * scale, top + (north - lat) * scale];
  const path = (line) => line.map((point, index) => `${index ? "L" : "M"}${put(point).map((each) => each.toFixed(1)).join(" ")}`).join("");
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  const nodes = [
    ...(around?.cells ?? []).map((ring) => shape("path", { class: "cell", d: `${path(ring)}Z` })),
    ...(around?.streets ?? []).map((line) => shape("path", { class: "street", d: path(line) })),
    shape("path", { class: "way", d: path(points.map(({ lon, lat }) => [lon, lat])) }),
  ];
  if (from) {
    const [x, y] = put([from.lon, from.lat]);
    nodes.push(shape("circle", { class: "here", cx: x, cy: y, r: 8 }));
  }
  // The next one lies on top where two stand close.
  for (const stop of [...stops].reverse()) {
    const [x, y] = put([stop.lon, stop.lat]);
    const node = shape("g", { class: `nth tone-${stop.tone}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
    const word = shape("text", { y: 5 });
    word.textContent = String(stop.nth);
    node.append((SHAPES[stop.tone] ?? (() => shape("circle", { r: 14 })))(), word);
    nodes.push(node);
  }
  svg.replaceChildren(...nodes);
}

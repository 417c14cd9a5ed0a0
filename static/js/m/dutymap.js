// Today's duty as a map of our own shapes: walked or not by colour and tick, the way so far, where
// one is, where to check in.

import { cellAt } from "./walked.js";

const NS = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
/** A frame is worth it where it is so much smaller than the whole, and is no smaller than some 200 m. */
const NEARER = 0.7;
const LEAST = 0.002;

const shape = (tag, attributes, ...children) => {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

/** Draw a duty; `walked` has the ids of what is walked, `points` the way, `been` the sites checked in
 * at, `next` the site to go to, `due` a time in words for each site whose time is near, `hot` the hot
 * spots to be at about now. Where cells lie far apart it shows where one is and goes next, unless the
 * `whole` is asked for; returns whether that leaves something out. */
export function drawDuty(svg, duty, { walked, points, position, been, next, due, hot = [], whole = true }) {
  const all = [...duty.cells.flatMap(({ rings }) => rings.flat()), ...duty.streets.flatMap(({ line }) => line), ...duty.sites.map(({ lon, lat }) => [lon, lat])];
  svg.parentElement.hidden = !all.length;
  if (!all.length) return false;
  const [widest, about] = [boundsOf(all), frameOf(duty, position, next)];
  const less = about !== null && spanOf(about) < NEARER * spanOf(widest);
  const [west, south, east, north] = less && !whole ? about : widest;
  const squeeze = Math.cos((north * Math.PI) / 180);
  const scale = WIDTH / Math.max((east - west) * squeeze, (north - south) * 0.8, 1e-6);
  const x = (lon) => ((lon - west) * squeeze * scale).toFixed(1);
  const y = (lat) => ((north - lat) * scale).toFixed(1);
  const path = (line) => line.map(([lon, lat], at) => `${at ? "L" : "M"}${x(lon)} ${y(lat)}`).join("");
  const pad = 40;
  svg.setAttribute("viewBox", `${-pad} ${-pad} ${((east - west) * squeeze * scale + 2 * pad).toFixed(0)} ${((north - south) * scale + 2 * pad).toFixed(0)}`);
  const inside = position && cellAt(duty, position);
  const cells = duty.cells.map((cell) => {
    const state = cell === inside ? "is-here" : walked.cells.has(cell.id) ? "is-walked" : "";
    return shape("path", { class: `cell ${state}`, d: `${cell.rings.map(path).join("Z")}Z`, "data-cell": cell.id }, shape("title", {}, cell.name));
  });
  const ticks = duty.cells.filter(({ id }) => walked.cells.has(id)).map(({ rings }) => tick(rings[0], x, y));
  const streets = duty.streets.map((street) => shape("path", { class: `street ${street.strict ? "is-strict" : ""} ${walked.streets.has(street.id) ? "is-walked" : ""}`, d: path(street.line) }, shape("title", {}, street.name)));
  const names = duty.streets.filter(({ strict }) => strict).map(({ name, line }) => {
    const [lon, lat] = line[Math.floor((line.length - 1) / 2)].map((each, at) => (each + line[Math.ceil((line.length - 1) / 2)][at]) / 2);
    return shape("text", { class: "street-name", x: x(lon), y: Number(y(lat)) - 26 }, name);
  });
  const way = shape("path", { class: "way", d: path(points.filter(({ accuracy_m }) => accuracy_m <= duty.coarse).map(({ lon, lat }) => [lon, lat])) });
  const sites = duty.sites.map((site, at) =>
    shape("g", { class: `site ${been.has(site.id) ? "is-done" : site === next ? "is-next" : ""}`, transform: `translate(${x(site.lon)} ${y(site.lat)})` }, shape("title", {}, site.name), shape("rect", { x: -34, y: -34, width: 68, height: 68, rx: 12 }), shape("text", { dy: 16 }, String(at + 1)), ...(due.has(site.id) ? dueMark(due.get(site.id)) : [])),
  );
  const hots = hot.map(({ lon, lat, name, words }) => shape("g", { class: "hot", transform: `translate(${x(lon)} ${y(lat)})` }, shape("title", {}, name), shape("path", { class: "due", d: "M0 -34l38 64h-76z" }), shape("text", { class: "due-words", y: 72 }, words)));
  const me = position ? [shape("circle", { class: "reach", cx: x(position.lon), cy: y(position.lat), r: 64 }), shape("circle", { class: "me", cx: x(position.lon), cy: y(position.lat), r: 22 })] : [];
  // Who stands at a site is seen as a ring around it: its number stays to be read.
  svg.replaceChildren(...cells, ...streets, ...ticks, ...names, way, ...hots, ...me, ...sites);
  return less;
}

/** [west, south, east, north] of points. */
function boundsOf(points) {
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

const spanOf = ([west, south, east, north]) => Math.max((east - west) * Math.cos((north * Math.PI) / 180), north - south);

// Where one is, where one goes next and the cells around both; null where neither is known.
function frameOf(duty, position, next) {
  const places = [position, next].filter(Boolean);
  if (!places.length) return null;
  const cells = places.map((place) => cellAt(duty, place)).filter(Boolean);
  const [west, south, east, north] = boundsOf([...places.map(({ lon, lat }) => [lon, lat]), ...cells.flatMap(({ rings }) => rings.flat())]);
  const [x, y] = [Math.max(0, LEAST - (east - west)) / 2, Math.max(0, LEAST - (north - south)) / 2];
  return [west - x, south - y, east + x, north + y];
}

const dueMark = (words) => [shape("path", { class: "due", d: "M0 -112l34 58h-68z" }), shape("text", { class: "due-words", y: 82 }, words)];

function tick(ring, x, y) {
  const middle = ring.slice(0, -1);
  const mean = (place) => middle.reduce((sum, each) => sum + each[place], 0) / middle.length;
  const [cx, cy] = [Number(x(mean(0))), Number(y(mean(1)))];
  return shape("path", { class: "tick", d: `M${cx - 26} ${cy}l18 18l36 -36` });
}

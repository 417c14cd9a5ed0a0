// Where the phone is, how exactly, and what that place is called.

import { t } from "../text.js";

const AROUND = 1500;
let latest = null;
const listeners = new Set();

/** The latest position as { lon, lat, accuracy_m, at }, or null. */
export const here = () => latest;

/** Call `act` with each new position, and with the reason in words where there is none. */
export function follow(act) {
  listeners.add(act);
  if (listeners.size > 1) return;
  if (!navigator.geolocation) {
    act(null, t("m.place_none"));
    return;
  }
  navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      latest = { lon: round(coords.longitude), lat: round(coords.latitude), accuracy_m: Math.round(coords.accuracy), at: timestamp };
      for (const each of listeners) each(latest, "");
    },
    (error) => {
      if (latest) return;
      for (const each of listeners) each(null, t(error.code === 1 ? "m.place_refused" : "m.place_none"));
    },
    { enableHighAccuracy: true, maximumAge: 15000, timeout: 20000 },
  );
}

/** Metres between two points, on the small distances of a town. */
export function apart(one, other) {
  const [east, north] = [(one.lon - other.lon) * Math.cos((one.lat * Math.PI) / 180), one.lat - other.lat];
  return Math.hypot(east, north) * 111195;
}

/** The place that lies at a share of the way from one to the other. */
export const between = (one, other, share) => ({ lon: one.lon + share * (other.lon - one.lon), lat: one.lat + share * (other.lat - one.lat) });

/** Metres from a place to the straight way between two others. */
export function beside(place, one, other) {
  const scale = Math.cos((place.lat * Math.PI) / 180);
  const [dx, dy] = [(other.lon - one.lon) * scale, other.lat - one.lat];
  const length = dx * dx + dy * dy;
  const along = length ? (((place.lon - one.lon) * scale) * dx + (place.lat - one.lat) * dy) / length : 0;
  return apart(place, between(one, other, Math.min(1, Math.max(0, along))));
}

/** A distance in words; empty where it is not known. */
export function metresWords(metres) {
  if (!Number.isFinite(metres)) return "";
  return metres < 1000 ? t("m.metres", { n: Math.round(metres / 10) * 10 }) : t("m.kilometres", { n: (metres / 1000).toFixed(1) });
}

/** A distance to the metre, in words: of a picture one wants to know it so. */
export const exactWords = (metres) => (metres < 1000 ? t("m.metres", { n: Math.round(metres) }) : metresWords(metres));

const round = (value) => Math.round(value * 1e6) / 1e6;

/** What a place is called, as the server says; without a signal as the cells and streets that were
 * kept (`cellsUrl`) have it. Null where neither knows. */
export async function nameOf(url, { lon, lat }, cellsUrl = "") {
  try {
    const response = await fetch(`${url}?lon=${lon}&lat=${lat}`, { headers: { Accept: "application/json" }, redirect: "error" });
    return response.ok ? await response.json() : null;
  } catch {
    return cellsUrl ? keptName(cellsUrl, lon, lat) : null;
  }
}

async function keptName(url, lon, lat) {
  try {
    const { cells, streets = [], reach = 0, about = 0 } = await (await fetch(url, { headers: { Accept: "application/json" } })).json();
    const place = { lon, lat };
    const near = cells.filter(({ rings }) => rings.some(([[x, y]]) => apart(place, { lon: x, lat: y }) < AROUND));
    const cell = cells.find(({ rings }) => rings.some((ring) => holds(ring, lon, lat)));
    const sorted = streets.map((street) => [metresFrom(place, street.line), street]).sort((one, other) => one[0] - other[0]);
    const street = streetWords(sorted[0], reach, about);
    const words = [street, cell?.name].filter(Boolean).join(" ");
    if (!words) return null;
    const lines = sorted.filter(([metres]) => metres < AROUND).map(([, { line }]) => line);
    return { words, cell: cell?.id ?? null, area: cell?.area ?? "", cells: near.flatMap(({ rings }) => rings), streets: lines };
  } catch (error) {
    // Never loaded: the coordinates are shown.
    console.info(error);
    return null;
  }
}

// The street that one stands on; else the one that is near, said as such.
function streetWords(nearest, reach, about) {
  const [metres, street] = nearest ?? [Infinity];
  if (metres <= reach) return street.name;
  return metres <= about ? t("m.place_about", { street: street.name }) : "";
}

function metresFrom(place, line) {
  const points = line.map(([lon, lat]) => ({ lon, lat }));
  return Math.min(...points.slice(1).map((point, at) => beside(place, points[at], point)));
}

/** Whether a ring holds a point: an odd number of its sides lies east of it. */
export function holds(ring, lon, lat) {
  let inside = false;
  for (let index = 0, last = ring.length - 1; index < ring.length; last = index, index += 1) {
    const [[x1, y1], [x2, y2]] = [ring[index], ring[last]];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

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

/** A distance in words; empty where it is not known. */
export function metresWords(metres) {
  if (!Number.isFinite(metres)) return "";
  return metres < 1000 ? t("m.metres", { n: Math.round(metres / 10) * 10 }) : t("m.kilometres", { n: (metres / 1000).toFixed(1) });
}

const round = (value) => Math.round(value * 1e6) / 1e6;

/** What a place is called, as the server says; without a signal as the cells that were kept
 * (`cellsUrl`) have it. Null where neither knows. */
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
    const { cells } = await (await fetch(url, { headers: { Accept: "application/json" } })).json();
    const near = cells.filter(({ rings }) => rings.some(([[x, y]]) => apart({ lon, lat }, { lon: x, lat: y }) < AROUND));
    const cell = cells.find(({ rings }) => rings.some((ring) => holds(ring, lon, lat)));
    if (!cell) return null;
    return { words: cell.name, cell: cell.id, area: `${cell.area} ${cell.name}`, cells: near.flatMap(({ rings }) => rings), streets: [] };
  } catch (error) {
    // Never loaded: the coordinates are shown.
    console.info(error);
    return null;
  }
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

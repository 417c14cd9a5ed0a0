// What of a duty the points of this phone have walked: a help on the way. The server reckons it
// for good, by the same rules.

import { apart, beside, between } from "./place.js";
import { step } from "./trail.js";

const STAY = 60000;
const SHARE = 0.7;
const SAMPLE = 10;

/** Whether a point lies in a ring of [lon, lat]. */
export function inRing(ring, { lon, lat }) {
  let inside = false;
  for (let one = 0, other = ring.length - 1; one < ring.length; other = one++) {
    const [x1, y1] = ring[one];
    const [x2, y2] = ring[other];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

export const cellAt = (duty, point) => duty.cells.find((cell) => cell.rings.some((ring) => inRing(ring, point)));

// The pieces that were walked: no silence, no jump, no point that is too coarse.
function links(duty, points) {
  const exact = points.filter((point) => point.accuracy_m <= duty.coarse);
  return exact.slice(1).map((point, at) => [exact[at], point]).filter(([one, other]) => other.at - one.at <= duty.gap && (step(one, other) > 0 || apart(one, other) < 1));
}

/** Ids of the cells and streets that count as walked. */
export function walkedOf(duty, points) {
  const pieces = links(duty, points);
  const stayed = new Map();
  for (const [one, other] of pieces) {
    const middle = { lon: (one.lon + other.lon) / 2, lat: (one.lat + other.lat) / 2 };
    const cell = cellAt(duty, middle);
    if (cell) stayed.set(cell.id, (stayed.get(cell.id) ?? 0) + other.at - one.at);
  }
  const cells = new Set([...stayed].filter(([, time]) => time >= STAY).map(([id]) => id));
  const streets = new Set(duty.streets.filter((street) => shareOf(street, pieces, duty.reach) >= SHARE).map(({ id }) => id));
  return { cells, streets };
}

function shareOf(street, pieces, reach) {
  let [all, reached] = [0, 0];
  for (const place of samples(street.line)) {
    all += 1;
    if (pieces.some(([one, other]) => beside(place, one, other) <= reach)) reached += 1;
  }
  return all ? reached / all : 0;
}

function* samples(line) {
  for (let at = 1; at < line.length; at += 1) {
    const [one, other] = [line[at - 1], line[at]].map(([lon, lat]) => ({ lon, lat }));
    const count = Math.max(1, Math.ceil(apart(one, other) / SAMPLE));
    for (let n = 0; n < count; n += 1) yield between(one, other, (n + 0.5) / count);
  }
}

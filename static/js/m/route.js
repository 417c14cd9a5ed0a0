// The order in which to walk past the stops of a day. Pure.

import { apart } from "./place.js";

const PACE = 75;
const AT_A_STOP = 5;

/** The stops in the order of a walk from a point (null: from the first of them): what is overdue
 * first, each time the nearest next, then turned round wherever that makes it shorter. What has
 * no place comes last, as it stood. */
export function walkOrder(from, stops, now) {
  const placed = stops.filter((stop) => stop.lon !== null);
  const late = chained(from, placed.filter((stop) => stop.due < now));
  const last = late[late.length - 1] ?? from;
  const others = chained(last, placed.filter((stop) => stop.due >= now));
  return [...shorter(from, late), ...shorter(last, others), ...stops.filter((stop) => stop.lon === null)];
}

function chained(from, stops) {
  const left = [...stops];
  const way = [];
  let here = from;
  while (left.length) {
    const near = here ? left.reduce((best, stop) => (apart(here, stop) < apart(here, best) ? stop : best)) : left[0];
    left.splice(left.indexOf(near), 1);
    way.push(near);
    here = near;
  }
  return way;
}

// 2-opt on an open way: a stretch is walked the other way round where that is shorter.
function shorter(from, stops) {
  let way = stops;
  let metres = lengthOf(from, way);
  for (let found = true; found; ) {
    found = false;
    for (let start = from ? 0 : 1; start < way.length - 1 && !found; start += 1) {
      for (let end = start + 1; end < way.length && !found; end += 1) {
        const other = [...way.slice(0, start), ...way.slice(start, end + 1).reverse(), ...way.slice(end + 1)];
        const length = lengthOf(from, other);
        if (length < metres - 1) [way, metres, found] = [other, length, true];
      }
    }
  }
  return way;
}

/** The person's own order where he made one; what is new since goes behind it. */
export function ownOrder(keys, stops) {
  const place = (stop) => (keys.includes(stop.key) ? keys.indexOf(stop.key) : keys.length);
  return [...stops].sort((a, b) => place(a) - place(b));
}

/** Metres of each leg of a walk; null where a stop has no place. */
export function legs(from, stops) {
  let here = from;
  return stops.map((stop) => {
    if (stop.lon === null) return null;
    const metres = here ? apart(here, stop) : null;
    here = stop;
    return metres;
  });
}

/** Metres of the whole walk. */
export function lengthOf(from, stops) {
  return legs(from, stops).reduce((sum, metres) => sum + (metres ?? 0), 0);
}

/** About how many minutes it takes, with a few at each stop. */
export function minutesOf(metres, stops) {
  return Math.max(1, Math.round(metres / PACE + stops * AT_A_STOP));
}

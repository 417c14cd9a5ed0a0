// The order in which to walk past the stops of a day. Pure.

import { apart } from "./place.js";

const PACE = 75;
const AT_A_STOP = 5;
const MINUTE = 60000;
/** So many minutes of walking a minute too late is worth, and one of standing before a closed door. */
const LATE = 4;
const WAIT = 1;
const TINY = 0.01;
/** So many legs are reckoned at most: an old phone has to be quick, too. */
const MOST_LEGS = 60000;
/** Of so few stops all ways are tried. */
const FEW = 6;

/** The stops in the order of a walk from a point (null: from the first of them): what is overdue
 * first, then what is due and what opens (`due`, `opens`, in milliseconds) taken into account: each
 * time what costs least next, then turned round and moved wherever the whole costs less. What has no
 * place comes last, as it stood. */
export function walkOrder(from, stops, now) {
  const placed = stops.filter((stop) => stop.lon !== null);
  const late = better(from, placed.filter((stop) => stop.due < now), now);
  const last = late[late.length - 1] ?? from;
  const begin = now + MINUTE * (lengthOf(from, late) / PACE + late.length * AT_A_STOP);
  const others = better(last, placed.filter((stop) => stop.due >= now), begin);
  return [...late, ...others, ...stops.filter((stop) => stop.lon === null)];
}

/** What a walk from a point at a moment costs, in minutes: the way, the waiting, and each minute too
 * late. What was overdue when it began is late by nothing more. */
export function costOf(from, stops, begin) {
  let [cost, here, at] = [0, from, begin];
  for (const stop of stops) {
    const way = here ? apart(here, stop) / PACE : 0;
    at += way * MINUTE;
    const wait = Math.max(0, (stop.opens ?? at) - at) / MINUTE;
    at += wait * MINUTE;
    const late = stop.due < begin ? 0 : Math.max(0, at - stop.due) / MINUTE;
    cost += way + WAIT * wait + LATE * late;
    at += AT_A_STOP * MINUTE;
    here = stop;
  }
  return cost;
}

// The best of all ways where they are few. Else begun by the nearest next and by what is due first,
// each made better; the better of the two.
function better(from, stops, begin) {
  const least = (ways) => ways.reduce((best, way) => (costOf(from, way, begin) < costOf(from, best, begin) - TINY ? way : best));
  const near = nearest(from, stops);
  // Without a point to begin at the first stays the first.
  const [head, tail] = from ? [[], stops] : [stops.slice(0, 1), stops.slice(1)];
  if (stops.length <= FEW) return least([near, ...everyWay(tail).map((way) => [...head, ...way])]);
  const soon = [...stops].sort((one, other) => one.due - other.due);
  return least([near, soon].map((way) => turned(from, way, begin)));
}

function everyWay(stops) {
  if (stops.length < 2) return [stops];
  return stops.flatMap((stop, at) => everyWay(stops.filter((_stop, index) => index !== at)).map((way) => [stop, ...way]));
}

function nearest(from, stops) {
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

// 2-opt on an open way: a stretch is walked the other way round, or a stop is moved, where that
// costs less.
function turned(from, stops, begin) {
  let way = stops;
  let least = costOf(from, way, begin);
  let tries = MOST_LEGS / way.length;
  for (let found = true; found && tries > 0; ) {
    found = false;
    for (const other of neighbours(way, from ? 0 : 1)) {
      tries -= 1;
      const cost = costOf(from, other, begin);
      found = cost < least - TINY;
      if (found) [way, least] = [other, cost];
      if (found || tries <= 0) break;
    }
  }
  return way;
}

function* neighbours(way, first) {
  for (let start = first; start < way.length - 1; start += 1) {
    for (let end = start + 1; end < way.length; end += 1) {
      yield [...way.slice(0, start), ...way.slice(start, end + 1).reverse(), ...way.slice(end + 1)];
    }
  }
  for (let at = first; at < way.length; at += 1) {
    const rest = way.filter((_stop, index) => index !== at);
    for (let to = first; to <= rest.length; to += 1) if (to !== at) yield [...rest.slice(0, to), way[at], ...rest.slice(to)];
  }
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

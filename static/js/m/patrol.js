// Going on patrol: what of today's duty is walked already, where to check in, the way so far. All
// of it is reckoned here from what this phone noted: it needs no signal.

import { el, t } from "../text.js";
import { onChange, ready, tracker } from "./app.js";
import { drawDuty } from "./dutymap.js";
import { apart, exactWords, follow } from "./place.js";
import { step } from "./trail.js";
import { walkedOf } from "./walked.js";

const page = document.getElementById("patrol");
const find = (selector) => page.querySelector(selector);
const duty = JSON.parse(document.getElementById("duty").content.textContent);
const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour12: false, hour: "2-digit", minute: "2-digit" });

/** So long before its planned time a place is put forward. */
const SOON = 30 * 60000;
/** So many minutes before its hours a hot spot is marked. */
const HOT_MINUTES = 90;
const DAY = 24 * 60;

let patrol = null;
let position = null;
let points = [];
let checks = [];
let store = null;
let whole = false;

// What was walked since the shift began by patrols that this phone has no more, or never had.
const earlier = () => (duty.earlier ?? []).filter(({ key }) => key !== patrol?.id);
const checkedAt = () => new Map([...earlier().flatMap(({ sites }) => Object.entries(sites).map(([site, at]) => [Number(site), at])), ...checks.map(({ site, at }) => [site, at])]);
const been = () => new Set(checkedAt().keys());
const isDue = (site) => site.planned !== null && site.planned - Date.now() <= SOON;

// The home page says how far it is; only where something was walked.
function keepWalked(told) {
  if (patrol || earlier().length) localStorage.setItem(`phone-walked-${document.body.dataset.user}`, JSON.stringify({ day: new Date().toDateString(), ...told }));
}

// Whose time has come, the earliest first; else the nearest.
function nextSite() {
  const done = been();
  const open = duty.sites.filter((site) => !done.has(site.id));
  const due = open.filter(isDue).sort((one, other) => one.planned - other.planned)[0];
  if (due || !position) return due ?? open[0] ?? null;
  return open.sort((one, other) => apart(position, one) - apart(position, other))[0] ?? null;
}

// Where one stands is checked in at, whatever the plan says.
const siteHere = () => position && duty.sites.find((site) => !been().has(site.id) && apart(position, site) <= Math.max(duty.near, position.accuracy_m));

const numberOf = (site) => duty.sites.indexOf(site) + 1;

async function draw() {
  page.dataset.running = patrol ? "1" : "";
  find("[data-idle]").hidden = Boolean(patrol);
  find("[data-busy]").hidden = !patrol;
  find("[data-bar]").hidden = !patrol;
  const walked = walkedSoFar();
  drawNumbers(walked);
  const next = patrol && (siteHere() || nextSite());
  const less = drawDuty(find("svg"), duty, { walked, points, position, been: been(), next, due: patrol ? dueWords() : new Map(), hot: hotNow(), whole });
  const button = find("[data-whole]");
  button.hidden = !less;
  button.setAttribute("aria-pressed", String(whole));
  drawNext(next);
  drawPlan(next);
  drawChecks();
  await drawRefused();
  sayTime();
}

function walkedSoFar() {
  const { cells, streets } = walkedOf(duty, points);
  return { cells: new Set([...cells, ...earlier().flatMap((each) => each.cells)]), streets: new Set([...streets, ...earlier().flatMap((each) => each.streets)]) };
}

function sayTime() {
  const words = document.querySelector("[data-time]");
  if (!patrol) {
    words.textContent = duty.until ? t("m.patrol_until", { time: clock(duty.until) }) : "";
    return;
  }
  const minutes = Math.max(0, Math.round((patrol.until - Date.now()) / 60000));
  words.textContent = t("m.patrol_left", { time: clock(patrol.until), hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function drawNumbers(walked) {
  const cells = duty.cells.filter((cell) => walked.cells.has(cell.id)).length;
  const streets = duty.streets.filter((street) => walked.streets.has(street.id)).length;
  const done = been();
  const sites = duty.sites.filter(({ id }) => done.has(id)).length;
  const metres = points.reduce((sum, point, at) => sum + (at ? step(points[at - 1], point) : 0), 0) + earlier().reduce((sum, each) => sum + each.metres, 0);
  find("[data-cells]").textContent = `${cells}/${duty.cells.length}`;
  if (duty.streets.length) find("[data-streets]").textContent = `${streets}/${duty.streets.length}`;
  find("[data-sites]").textContent = duty.sites.length ? `${sites}/${duty.sites.length}` : String(checks.length);
  keepWalked({ cells, of: duty.cells.length, checked: sites, sites: duty.sites.length });
  find("[data-km]").textContent = (metres / 1000).toFixed(1);
}

function farWords(site, metres, here) {
  if (metres === null) return t("m.place_wait");
  const told = { far: exactWords(metres), near: duty.near };
  if (here) return t("m.check_here", told);
  return isDue(site) ? t("m.check_by_far", { ...told, time: clock(site.planned) }) : t("m.check_far", told);
}

// The places whose time is near or over, with the time to be there by.
function dueWords() {
  const done = been();
  return new Map(duty.sites.filter((site) => !done.has(site.id) && isDue(site)).map((site) => [site.id, t("m.check_by", { time: clock(site.planned) })]));
}

// Hot spots whose hours run or are near, with the hour to be there by. The hours are of the day here.
function hotNow(at = new Date()) {
  const minute = at.getHours() * 60 + at.getMinutes();
  const toGo = ([begin, end]) => ((minute - begin * 60 + DAY) % DAY < ((end - begin + 24) % 24 || 24) * 60 ? 0 : (begin * 60 - minute + DAY) % DAY);
  return (duty.hot ?? []).flatMap((spot) => {
    const [first] = spot.hours.map((hours) => [toGo(hours), hours]).sort((one, other) => one[0] - other[0]);
    if (!first || first[0] > HOT_MINUTES) return [];
    return [{ ...spot, words: first[0] ? t("m.check_by", { time: `${first[1][0]}:00` }) : t("m.hot_now") }];
  });
}

function drawPlan(next) {
  const at = checkedAt();
  find("[data-plan]").replaceChildren(
    ...duty.sites.map((site) => {
      const state = at.has(site.id) ? "is-done" : site === next ? "is-next" : isDue(site) ? "is-due" : "";
      const words = at.has(site.id) ? `✓${clock(at.get(site.id))}` : site === next ? t("m.check_next") : site.planned === null ? "" : clock(site.planned);
      return el("li", { class: state, title: site.name }, el("b", {}, String(numberOf(site))), el("span", {}, words));
    }),
  );
}

function drawNext(site) {
  const box = find("[data-next]");
  const go = find("[data-go]");
  box.hidden = !site;
  find("[data-free]").classList.toggle("primary", !site);
  find("[data-free]").classList.toggle("grow", !site);
  const metres = site && position ? apart(position, site) : null;
  const here = metres !== null && metres <= Math.max(duty.near, position.accuracy_m);
  find("[data-check]").hidden = !here;
  go.hidden = !site || here;
  if (!site) return;
  find("[data-next-number]").textContent = numberOf(site);
  find("[data-next-name]").textContent = site.name;
  find("[data-next-far]").textContent = farWords(site, metres, here);
  go.href = `geo:${site.lat},${site.lon}?q=${site.lat},${site.lon}(${encodeURIComponent(site.name)})`;
  go.textContent = t("m.check_go", { n: numberOf(site) });
  find("[data-check]").textContent = t("m.check_in", { n: numberOf(site) });
  find("[data-check]").dataset.site = site.id;
}

function drawChecks() {
  const names = new Map(duty.sites.map((site) => [site.id, site.name]));
  find("[data-checks]").replaceChildren(
    ...[...checks].reverse().map((check) =>
      el("li", {}, el("b", { class: "tone-ok toned" }, `✓ ${clock(check.at)}`), el("span", {}, names.get(check.site) ?? t("m.check_free")), el("span", { class: "muted" }, t(check.sent ? "m.row_arrived" : "m.row_waiting"))),
    ),
  );
}

// What the server does not take says why, and is thrown away only by hand.
async function drawRefused() {
  const refused = (await tracker.trail?.patrols())?.find((each) => each.refusal);
  const bar = find("[data-refused]");
  bar.hidden = !refused;
  if (!refused) return;
  bar.querySelector("span").textContent = refused.refusal.message;
  bar.querySelector("[data-drop]").dataset.drop = refused.id;
}

// The list of patrols is the server's: of one that ended here since, it does not know yet.
async function sayEnded() {
  for (const { id, ended_at, ending } of await tracker.trail.patrols()) {
    const words = ended_at && page.querySelector(`[data-key="${id}"] [data-ending]`);
    if (words) words.textContent = t(`m.patrol_end.${ending}`);
  }
}

async function read(running) {
  if (!tracker.trail) return;
  const ended = sayEnded();
  patrol = running;
  points = patrol ? await tracker.trail.points(patrol.id) : [];
  checks = patrol ? await tracker.trail.checks(patrol.id) : [];
  find("[data-pause]").setAttribute("aria-pressed", String(Boolean(patrol?.paused)));
  await draw();
  await ended;
}

const actions = {
  start: () => tracker.begin({ until: duty.until, longest: duty.longest, words: duty.shift }),
  pause: () => tracker.rest(!patrol.paused),
  check: (button) => tracker.checkIn({ ...place(), site: Number(button.dataset.site) }),
  free: () => tracker.checkIn(place()),
  whole: () => {
    whole = !whole;
    return draw();
  },
  end: () => document.getElementById("end-ask").showModal(),
  drop: async (button) => {
    await tracker.trail.drop(button.dataset.drop);
    await tracker.changed();
  },
};

const place = () => ({ at: Date.now(), lon: position.lon, lat: position.lat, accuracy_m: position.accuracy_m });

page.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  const name = Object.keys(actions).find((each) => button?.dataset[each] !== undefined);
  if (!name || !store || (["check", "free"].includes(name) && !position)) return;
  button.disabled = true;
  try {
    await actions[name](button);
  } finally {
    button.disabled = false;
  }
});

document.getElementById("end-ask").addEventListener("close", async (event) => {
  if (event.target.returnValue === "end") await tracker.end("hand");
});

follow((found, why) => {
  position = found ?? position;
  find("[data-where]").hidden = !why;
  find("[data-where]").textContent = why;
  find("[data-free]").disabled = !position;
  draw();
});

ready.then(async (found) => {
  store = found;
  if (!store) return;
  await tracker.started;
  await read(tracker.patrol);
  tracker.onChange(read);
  onChange(draw);
  setInterval(sayTime, 30000);
  page.dataset.live = "1";
});

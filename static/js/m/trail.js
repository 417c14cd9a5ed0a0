// Patrols of one person on this phone: each point and check-in is a record until the server has
// named it; a patrol is gone from here when it has ended and all of it has arrived. They stand in a
// database beside the queue: pages of an older version, kept on the phone, still open theirs.

import { uuid } from "../text.js";
import { apart } from "./place.js";
import { done, ended } from "./store.js";

const BATCH = 150;
const FAR_KMH = 60;
const nameOf = (user) => `citymgmt-phone-trail-${user}`;
const ALL = ["patrols", "points", "checks"];
const of = (patrol) => IDBKeyRange.bound([patrol], [patrol, Infinity]);

/** Open the patrols of a person. */
export async function openTrail(user) {
  const request = indexedDB.open(nameOf(user), 1);
  request.onupgradeneeded = () => {
    const db = request.result;
    db.createObjectStore("patrols", { keyPath: "id" });
    db.createObjectStore("points", { keyPath: ["patrol", "seq"] });
    db.createObjectStore("checks", { keyPath: "key" });
  };
  return new Trail(user, await done(request));
}

class Trail {
  constructor(user, db) {
    this.user = user;
    this.db = db;
    // Another window that logs out deletes the database: it must not wait for this one.
    db.onversionchange = () => db.close();
  }

  writing(...names) {
    return this.db.transaction(names, "readwrite", { durability: "strict" });
  }

  all(name, query) {
    return done(this.db.transaction(name).objectStore(name).getAll(query));
  }

  async patrols() {
    const rows = await this.all("patrols");
    return rows.sort((a, b) => a.started_at - b.started_at);
  }

  /** The patrol that runs, or undefined. */
  async running() {
    return (await this.patrols()).find((patrol) => !patrol.ended_at);
  }

  async points(patrol) {
    return this.all("points", of(patrol));
  }

  async checks(patrol) {
    const rows = await this.all("checks");
    return rows.filter((row) => row.patrol === patrol).sort((a, b) => a.at - b.at);
  }

  /** Begin a patrol; one that runs already goes on. */
  async begin(said) {
    const running = await this.running();
    if (running) return running;
    const patrol = { id: uuid(), started_at: Date.now(), ended_at: null, ending: "", next: 0, metres: 0, last: null, paused: false, ...said };
    const writing = this.writing("patrols");
    writing.objectStore("patrols").put(patrol);
    await ended(writing);
    return patrol;
  }

  /** Keep a point under the next number of its patrol; both or none. Returns the patrol, or null
   * where it has ended meanwhile. */
  async add(id, { at, lon, lat, accuracy_m }) {
    const writing = this.writing("patrols", "points");
    const patrol = await done(writing.objectStore("patrols").get(id));
    if (!patrol || patrol.ended_at || patrol.paused) {
      await ended(writing);
      return null;
    }
    writing.objectStore("points").put({ patrol: id, seq: patrol.next, at, lon, lat, accuracy_m, sent: 0 });
    patrol.next += 1;
    if (patrol.last) patrol.metres += step(patrol.last, { at, lon, lat });
    patrol.last = { at, lon, lat };
    writing.objectStore("patrols").put(patrol);
    await ended(writing);
    return patrol;
  }

  async check(row) {
    const writing = this.writing("checks");
    writing.objectStore("checks").put({ key: uuid(), sent: 0, ...row });
    await ended(writing);
  }

  /** Change fields of a patrol, if it is still there. */
  async change(id, fields) {
    const writing = this.writing("patrols");
    const store = writing.objectStore("patrols");
    const patrol = await done(store.get(id));
    if (patrol) store.put({ ...patrol, ...fields });
    await ended(writing);
  }

  /** What of a patrol has no receipt yet, at most so much. */
  async waiting(patrol) {
    const points = (await this.points(patrol)).filter((point) => !point.sent);
    const checks = (await this.checks(patrol)).filter((check) => !check.sent);
    return { points: points.slice(0, BATCH), checks: checks.slice(0, 40), left: points.length + checks.length };
  }

  /** Mark what a receipt names; a patrol that has ended there and is whole is taken away. */
  async settle(id, receipt) {
    const writing = this.writing(...ALL);
    const [points, checks, patrols] = ["points", "checks", "patrols"].map((name) => writing.objectStore(name));
    for (const seq of [...receipt.points, ...receipt.refused]) {
      const point = await done(points.get([id, seq]));
      if (point) points.put({ ...point, sent: 1 });
    }
    for (const key of [...receipt.check_ins, ...receipt.refused_check_ins]) {
      const check = await done(checks.get(key));
      if (check) checks.put({ ...check, sent: 1 });
    }
    const patrol = await done(patrols.get(id));
    const rest = (await done(points.getAll(of(id)))).some((point) => !point.sent);
    const mine = (await done(checks.getAll())).filter((check) => check.patrol === id);
    if (patrol && receipt.ended && patrol.ended_at && !rest && mine.every((check) => check.sent)) {
      points.delete(of(id));
      for (const check of mine) checks.delete(check.key);
      patrols.delete(id);
    } else if (patrol) patrols.put({ ...patrol, known: true, refusal: null });
    await ended(writing);
  }

  /** Throw a patrol away: only by hand. */
  async drop(id) {
    const writing = this.writing(...ALL);
    writing.objectStore("points").delete(of(id));
    const checks = writing.objectStore("checks");
    for (const check of await done(checks.getAll())) if (check.patrol === id) checks.delete(check.key);
    writing.objectStore("patrols").delete(id);
    await ended(writing);
  }
}

/** Metres of one step; none where nobody walks so fast. */
export function step(one, other) {
  const metres = apart(one, other);
  return metres * 3.6 > (FAR_KMH * (other.at - one.at)) / 1000 ? 0 : metres;
}

/** Delete a person's patrols with all that is in them. */
export function forgetTrail(user) {
  return done(indexedDB.deleteDatabase(nameOf(user)));
}

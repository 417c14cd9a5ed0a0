// While somebody is on patrol and a page is open: where he walks is noted every 20 seconds or 15
// metres, kept on this phone, sent in batches. It says so on every page, and stops with the shift.

import { t } from "../text.js";
import { apart, follow, here } from "./place.js";
import { Later, Refused, ask } from "./sender.js";
import { forgetTrail, openTrail } from "./trail.js";

const EVERY = 20000;
const METRES = 15;
const FIRST_SEND = 5000;
const SEND_EVERY = 60000;
const LONGEST_PAUSE = 5 * 60 * 1000;
const LAST_WORD = 5000;
// A clock that is so much off is right.
const RIGHT = 120000;
const SILENT = 60000;
const listeners = new Set();
const round = (value) => Math.round(value * 1e6) / 1e6;

export class Tracker {
  constructor(urls) {
    this.urls = urls;
    this.trail = null;
    this.patrol = null;
    this.why = "";
    this.left = 0;
    this.sending = null;
    this.pause = SEND_EVERY;
    /** Resolves once it is known what runs. */
    this.started = new Promise((resolve) => (this.go = resolve));
  }

  /** Show what runs and go on noting it; a browser that has no room for it notes nothing. */
  begun(user) {
    this.start(user)
      .catch((error) => console.warn(error))
      .finally(this.go);
  }

  async start(user) {
    this.trail = await openTrail(user);
    this.news = new BroadcastChannel(`citymgmt-phone-track-${user}`);
    this.news.onmessage = () => this.read();
    await this.read();
    setInterval(() => this.beat(), EVERY);
    this.wake(FIRST_SEND);
    // Whoever holds the lock notes; the others only show.
    if (navigator.locks) navigator.locks.request(`citymgmt-phone-track-${user}`, () => this.note());
    else this.note();
  }

  /** Call `act` with the patrol that runs (or null) whenever something changed. */
  onChange(act) {
    listeners.add(act);
    act(this.patrol);
  }

  async read() {
    this.patrol = (await this.trail.running()) ?? null;
    const waiting = await Promise.all((await this.trail.patrols()).map((patrol) => this.trail.waiting(patrol.id)));
    this.left = waiting.reduce((sum, each) => sum + each.left, 0);
    this.show();
    for (const act of listeners) act(this.patrol);
  }

  async changed() {
    await this.read();
    this.news?.postMessage("changed");
  }

  show() {
    const bar = document.getElementById("track");
    const { patrol } = this;
    bar.hidden = !patrol;
    if (!patrol) return;
    bar.className = `strip track tone-${patrol.paused || this.why ? "warn" : "doing"}`;
    const said = { n: patrol.next, km: (patrol.metres / 1000).toFixed(1), left: this.left };
    const words = this.why || t(patrol.paused ? "m.track_paused" : "m.track_on", said);
    bar.querySelector("[data-track]").textContent = this.left ? `${words} ${t("m.track_left", said)}` : words;
    bar.dataset.points = patrol.next;
    bar.dataset.left = this.left;
  }

  // --- Noting ---------------------------------------------------------------------------------

  // Never resolves: the lock is held as long as the page is open.
  note() {
    this.mine = true;
    this.watch();
    return new Promise(() => {});
  }

  // One watcher a page, shared with what the page itself shows.
  watch() {
    if (!this.mine || !this.patrol || this.watching) return;
    this.watching = true;
    this.heard = Date.now();
    follow((found, why) => (found ? this.put(found) : this.fail(why)));
    if (here()) this.put(here());
  }

  fail(why) {
    if (!this.patrol) return;
    this.why = why;
    this.show();
  }

  // Who stands still is not told to a watcher: it is asked for.
  async beat() {
    if (!this.patrol) return;
    if (Date.now() >= this.patrol.until) return void this.end("shift");
    this.watch();
    if (!this.mine || !navigator.geolocation) return;
    if (Date.now() - this.heard > SILENT) this.fail(t("m.track_lost"));
    const put = ({ coords }) => this.put({ lon: round(coords.longitude), lat: round(coords.latitude), accuracy_m: Math.round(coords.accuracy) });
    navigator.geolocation.getCurrentPosition(put, (error) => console.info(error.message), { enableHighAccuracy: true, maximumAge: EVERY / 2, timeout: EVERY });
  }

  async put({ lon, lat, accuracy_m }) {
    const { patrol } = this;
    if (!patrol || this.putting) return;
    const at = Date.now();
    if (at >= patrol.until) return void this.end("shift");
    const point = { at, lon, lat, accuracy_m };
    const { last } = patrol;
    this.why = "";
    this.heard = at;
    if (last && at - last.at < EVERY - 1000 && apart(last, point) < METRES) return void this.show();
    this.putting = true;
    try {
      await this.trail.add(patrol.id, point);
    } catch (error) {
      console.warn(error);
      this.why = t("m.track_full");
    }
    // The next one is measured from this one.
    await this.changed();
    this.putting = false;
  }

  // --- Shift ----------------------------------------------------------------------------------

  /** Go on patrol until a moment of the server's clock, or for so long at most. */
  async begin({ until, longest, words }) {
    try {
      await this.greet(LAST_WORD);
    } catch (error) {
      if (!(error instanceof Later)) throw error;
    }
    const ahead = Number(localStorage.getItem("phone-ahead") ?? 0);
    const ends = (until ?? 0) + (Math.abs(ahead) > RIGHT ? ahead : 0);
    await this.trail.begin({ words, until: ends > Date.now() ? ends : Date.now() + longest });
    await this.changed();
    this.watch();
    await this.beat();
    this.wake(1000);
  }

  /** The patrol ends: by hand, with the shift, on leaving. */
  async end(ending) {
    const { patrol } = this;
    if (!patrol) return;
    await this.trail.change(patrol.id, { ended_at: Math.min(Date.now(), patrol.until), ending });
    this.why = "";
    await this.changed();
    await this.send();
  }

  async rest(paused) {
    await this.trail.change(this.patrol.id, { paused });
    await this.changed();
  }

  async checkIn(row) {
    await this.trail.check({ patrol: this.patrol.id, ...row });
    await this.changed();
    this.send();
  }

  /** How much has not arrived, after one more try. */
  async unsent() {
    if (!this.trail) return 0;
    await Promise.race([this.send(), new Promise((resolve) => setTimeout(resolve, LAST_WORD))]);
    await this.read();
    return this.left;
  }

  /** Signing out ends it, sends what can still be sent, and leaves nothing here. */
  async leave(user) {
    if (this.trail) {
      await Promise.race([this.end("logout"), new Promise((resolve) => setTimeout(resolve, LAST_WORD))]);
      this.trail.db.close();
      this.trail = null;
    }
    await forgetTrail(user);
  }

  // --- Sending --------------------------------------------------------------------------------

  wake(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), milliseconds);
  }

  /** Send what waits; one sender on this phone. */
  send() {
    if (!this.trail) return Promise.resolve();
    if (!this.sending) this.sending = this.alone().finally(() => {
      this.sending = null;
      this.wake(this.pause);
    });
    return this.sending;
  }

  async alone() {
    const act = () => this.pass();
    const name = `citymgmt-phone-track-send-${this.trail.user}`;
    try {
      await (navigator.locks ? navigator.locks.request(name, act) : act());
      this.pause = SEND_EVERY;
    } catch (error) {
      if (!(error instanceof Later)) console.warn(error);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }
    if (this.trail) await this.changed();
  }

  async pass() {
    const patrols = (await this.trail.patrols()).filter((patrol) => !patrol.refusal);
    if (!patrols.length) return;
    await this.greet();
    const { user } = this.trail;
    for (const patrol of patrols) await this.sendPatrol(user, patrol);
  }

  // Another's session never gets it. How far this clock is from the server's is kept: a shift ends
  // by the server's.
  async greet(patience) {
    const { user } = this.trail;
    const told = await ask(user, "GET", this.urls.hello, { patience });
    if (String(told.user) !== String(user)) throw new Later(told.user ? "other" : "login");
    if (told.now) localStorage.setItem("phone-ahead", String(Date.now() - told.now));
  }

  async sendPatrol(user, patrol) {
    for (;;) {
      const { points, checks, left } = await this.trail.waiting(patrol.id);
      // Its end goes with the last of it.
      const last = left <= points.length + checks.length;
      if (!left && patrol.known && !patrol.ended_at) return;
      const body = { ...bodyOf(patrol, points, checks), ...(last && patrol.ended_at ? { ended_at: iso(patrol.ended_at), ending: patrol.ending } : {}) };
      try {
        const { receipt } = await ask(user, "POST", this.urls.tracks, { json: body, headers: { "Idempotency-Key": patrol.id } });
        if (receipt?.patrol !== patrol.id) throw new Later("receipt");
        await this.trail.settle(patrol.id, receipt);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        await this.trail.change(patrol.id, { refusal: { message: error.message } });
        return;
      }
      if (last) return;
    }
  }
}

const iso = (moment) => new Date(moment).toISOString();

function bodyOf(patrol, points, checks) {
  return {
    started_at: iso(patrol.started_at),
    phone_now: iso(Date.now()),
    points: points.map(({ seq, at, lon, lat, accuracy_m }) => [seq, at, lon, lat, accuracy_m]),
    check_ins: checks.map(({ key, at, lon, lat, accuracy_m, site, cell }) => ({ key, at: iso(at), lon, lat, accuracy_m, site, cell })),
  };
}

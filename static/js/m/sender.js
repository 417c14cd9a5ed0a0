// Sends what waits, the oldest first, one sender at a time on this phone. What a server or a
// line does wrong is tried again later; what the server refuses in words stays, to be mended.

import { uuid } from "../text.js";

const PART = 256 * 1024;
const LEAST_PART = 16 * 1024;
// On a line that carries a part so quickly the next one is twice as large: each costs a request.
const QUICK = 600;
const MOST_GROWN = 4;
const PATIENCE = 30000;
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 5 * 60 * 1000;
// 2 s become 5 minutes; a server that asks for shorter pauses is asked again sooner at the end, too.
const MOST_DOUBLED = LONGEST_PAUSE / FIRST_PAUSE;
const MOST_RESUMES = 400;

/** To be tried again: a broken line, a tired server, an answer that is none of ours. */
export class Later extends Error {
  constructor(why, told = null) {
    super(why);
    this.why = why;
    this.told = told;
  }
}

/** Refused in words: somebody has to mend something. */
export class Refused extends Error {
  constructor(error, status) {
    super(error.message);
    this.code = error.code;
    this.field = error.field ?? null;
    this.status = status;
  }
}

const ours = (response) =>
  response.type !== "opaqueredirect" && (response.headers.get("Content-Type") ?? "").startsWith("application/json");

function cookie(name) {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Asks one address of the server; returns its JSON, or throws Later or Refused. */
export async function ask(user, method, url, { json, body, headers = {}, patience = PATIENCE } = {}) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  const all = { Accept: "application/json", "X-Phone-User": String(user), "X-CSRFToken": cookie("__Host-csrftoken") || cookie("csrftoken"), ...headers };
  if (json !== undefined) all["Content-Type"] = "application/json";
  else if (body) all["Content-Type"] = "application/octet-stream";
  try {
    // A redirect leads to the door: it is neither a receipt nor a refusal.
    const response = await fetch(url, {
      method,
      headers: all,
      body: json !== undefined ? JSON.stringify(json) : body,
      redirect: "manual",
      cache: "no-store",
      credentials: "same-origin",
      signal: control.signal,
    });
    return await answered(response);
  } catch (error) {
    if (error instanceof Later || error instanceof Refused) throw error;
    throw new Later("line");
  } finally {
    clearTimeout(timer);
  }
}

async function answered(response) {
  if (response.type === "opaqueredirect") throw new Later("login");
  if (!ours(response)) throw new Later(response.status === 413 ? "size" : "answer");
  const told = await response.json();
  if (response.ok) return told;
  const error = told?.error;
  if (response.status === 401) throw new Later("login");
  if (!error?.message || response.status >= 500 || response.status === 408 || response.status === 429) throw new Later("server");
  if (LATER[error.code]) throw new Later(LATER[error.code], told);
  throw new Refused(error, response.status);
}

// Refusals that the queue mends by itself.
const LATER = {
  other_user: "other",
  upload_offset: "offset",
  upload_gone: "gone",
  upload_spoilt: "spoilt",
  photos_missing: "missing",
  cut: "server",
};

export class Sender {
  /** `tell(state)` hears { busy, why, form, photo, share } whenever something changed. */
  constructor(store, urls, tell) {
    this.store = store;
    this.urls = urls;
    this.tell = tell;
    this.first = FIRST_PAUSE;
    this.pause = FIRST_PAUSE;
    this.part = PART;
    this.mostPart = PART;
    this.ceiling = Infinity;
    this.timer = null;
    this.due = 0;
    this.running = false;
    this.again = false;
  }

  /** Send now: on load, on `online`, by the button. */
  kick() {
    this.pause = this.first;
    this.wake(0);
  }

  /** Look whether something is due, by a timer of the page: it was put there by another window, or
   * the phone slept through its moment. A tired server is not asked sooner for it. */
  look() {
    if (!this.running && Date.now() >= this.due) this.wake(0);
  }

  wake(milliseconds) {
    clearTimeout(this.timer);
    this.due = Date.now() + milliseconds;
    this.timer = setTimeout(() => this.run(), milliseconds);
  }

  async run() {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    let next = null;
    try {
      next = await this.alone(() => this.pass());
    } catch (error) {
      console.warn(error);
      next = this.pause;
    } finally {
      this.running = false;
    }
    if (this.again) {
      this.again = false;
      next = 0;
    }
    if (next !== null) this.wake(next);
  }

  // One sender on this phone: whoever holds the lock sends, the others look again later.
  alone(act) {
    if (!navigator.locks) return act();
    return navigator.locks.request(`citymgmt-phone-send-${this.store.user}`, { ifAvailable: true }, (lock) =>
      lock ? act() : this.first,
    );
  }

  /** One walk over what waits; returns after how many milliseconds the next is due, or null. */
  async pass() {
    const forms = (await this.store.sent()).filter((form) => form.state === "waiting");
    if (!forms.length) {
      this.tell({ busy: false, why: "" });
      return null;
    }
    let why = "";
    let failed = 0;
    try {
      await this.greet();
      for (const form of forms) {
        const trouble = await this.tryForm(form);
        failed = trouble ? failed + 1 : 0;
        why = trouble || why;
        if (STOPS.has(trouble) || failed >= 3) break;
      }
    } catch (error) {
      if (!(error instanceof Later)) throw error;
      why = error.why;
    }
    this.tell({ busy: false, why });
    if (!why) {
      this.pause = this.first;
      return 0;
    }
    const wait = this.pause * (0.75 + Math.random() / 2);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE, this.first * MOST_DOUBLED);
    return wait;
  }

  // Who is signed in is asked first: another's session never gets this queue.
  async greet() {
    const told = await ask(this.store.user, "GET", this.urls.hello);
    if (told.user === null || told.user === undefined) throw new Later("login");
    if (String(told.user) !== String(this.store.user)) throw new Later("other");
    if (told.part > 0) {
      this.part = Math.min(this.part, told.part);
      this.mostPart = Math.min(MOST_GROWN * told.part, told.most ?? told.part, this.ceiling);
    }
    if (told.pause > 0) this.first = told.pause;
  }

  /** Send one form; returns "" when it has its receipt or was refused, else why it waits. A refusal
   * for which a phone that is full has no room is asked for again later. */
  async tryForm(form) {
    try {
      await this.sendForm(form);
      return "";
    } catch (error) {
      if (error instanceof Refused) {
        const refusal = { code: error.code, message: error.message, field: error.field };
        const kept = await this.store.noteTry(form.id, { state: "refused", refusal });
        this.tell({ busy: true, why: "" });
        return kept ? "" : "full";
      }
      if (!(error instanceof Later)) throw error;
      await this.store.noteTry(form.id, { tries: (form.tries ?? 0) + 1, why: error.why });
      return error.why;
    }
  }

  async sendForm(form) {
    const photos = await this.store.photosOf(form.id);
    for (const photo of photos) if (!photo.done) await this.sendPhoto(form, photo);
    let told;
    try {
      told = await ask(this.store.user, "POST", form.url ?? this.urls.reports, {
        json: bodyOf(form, photos),
        headers: { "Idempotency-Key": form.id },
      });
    } catch (error) {
      if (error.why === "missing") await this.unsend(photos, error.told?.missing ?? []);
      throw error;
    }
    if (!(await this.store.settle(form, photos, told.receipt))) throw new Later("receipt");
    this.tell({ busy: true, why: "", settled: told.receipt });
  }

  // The server has swept these away: they go up again.
  async unsend(photos, keys) {
    for (const photo of photos) {
      if (keys.includes(photo.id)) await this.store.change("photos", photo.id, { done: false, received: 0 });
    }
  }

  async sendPhoto(form, photo) {
    let told = await ask(this.store.user, "POST", this.urls.uploads, { json: promiseOf(photo) });
    for (let resumes = 0; !told.done; ) {
      const from = told.received;
      if (!Number.isInteger(from) || from < 0 || from > photo.size) throw new Later("answer");
      this.tell({ busy: true, why: "", form: form.id, photo: photo.id, share: from / photo.size });
      const body = photo.bytes.slice(from, from + this.part);
      const began = performance.now();
      try {
        told = await ask(this.store.user, "PUT", `${this.urls.uploads}${photo.id}/?offset=${from}`, { body });
        if (performance.now() - began < QUICK) this.part = Math.max(this.part, Math.min(2 * this.part, this.mostPart));
        await this.store.noteProgress(photo.id, { received: told.received });
      } catch (error) {
        resumes += 1;
        if (resumes > MOST_RESUMES) throw error;
        if (error.why === "offset") told = { ...told, received: error.told.received };
        else if (error.why === "size" && this.part > LEAST_PART) this.part = this.mostPart = this.ceiling = this.part / 2;
        else throw error;
      }
    }
    await this.store.noteProgress(photo.id, { done: true, received: photo.size });
    this.tell({ busy: true, why: "", form: form.id, photo: photo.id, share: 1 });
  }
}

const STOPS = new Set(["login", "other"]);

function promiseOf(photo) {
  return {
    key: photo.id,
    sha256: photo.sha256,
    size: photo.size,
    kind: photo.kind,
    taken_at: photo.taken_at,
    lon: photo.lon,
    lat: photo.lat,
    accuracy_m: photo.accuracy_m,
    source_sha256: photo.source_sha256,
    phone_now: new Date().toISOString(),
  };
}

// Always the same for the same record: the server knows a repeat by it.
function bodyOf(form, photos) {
  const named = (role) => photos.filter((photo) => photo.role === role).map(({ id, sha256 }) => ({ key: id, sha256 }));
  if (form.kind === "order") return { ...form.fields, photos: photos.map(({ id, sha256 }) => ({ key: id, sha256 })) };
  if (form.kind === "lookback" || form.kind === "shop") return { ...form.fields, photos: named("now") };
  const body = { ...form.fields, photos: named("before") };
  if (form.fields.handled) body.handled = { ...form.fields.handled, photos: named("after") };
  return body;
}

/** A new form, not sent yet; `more` is where another kind goes (`url`) and is mended (`page`). */
export function draft(fields = {}, more = {}) {
  return { id: uuid(), state: "draft", kind: "report", made_at: Date.now(), title: "", fields, ...more };
}

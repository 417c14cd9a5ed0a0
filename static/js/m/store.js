// The queue of one person on this phone, in a database of his own. A form and each of its photos
// are records apart; what was tapped "send" is gone from here only by its receipt.

import { thumbOf } from "./photo.js";

const VERSION = 1;
const DAYS_KEPT = 2 * 24 * 3600 * 1000;

/** The name of a person's database. */
export const nameOf = (user) => `citymgmt-phone-${user}`;

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const ended = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    transaction.onerror = () => reject(transaction.error);
  });

function open(user) {
  const request = indexedDB.open(nameOf(user), VERSION);
  request.onupgradeneeded = () => {
    const db = request.result;
    db.createObjectStore("forms", { keyPath: "id" });
    const photos = db.createObjectStore("photos", { keyPath: "id" });
    photos.createIndex("form", "form");
    db.createObjectStore("receipts", { keyPath: "form" });
  };
  return done(request);
}

class Store {
  constructor(user, db) {
    this.user = user;
    this.db = db;
    // Another window that logs out deletes the database: it must not wait for this one.
    db.onversionchange = () => db.close();
  }

  // "strict": on the disk before anybody is told that it is kept, battery or not.
  writing(...names) {
    return this.db.transaction(names, "readwrite", { durability: "strict" });
  }

  /** How far a photo is. The server knows it better and is asked: it need not outlast a battery,
   * and a phone that is full goes on without it. */
  async noteProgress(id, fields) {
    await this.noted(async () => {
      const writing = this.db.transaction("photos", "readwrite", { durability: "relaxed" });
      const photos = writing.objectStore("photos");
      const row = await done(photos.get(id));
      if (row) photos.put(Object.assign(row, fields));
      await ended(writing);
    });
  }

  /** How a form stands: why it waits, how often it was tried, what is to be mended. False where a
   * phone that is full has no room for it. */
  async noteTry(id, fields) {
    return this.noted(() => this.change("forms", id, fields));
  }

  // What is only a help may be missing where there is no room for it: what waits has to go on.
  async noted(act) {
    try {
      await act();
      return true;
    } catch (error) {
      if (error?.name !== "QuotaExceededError") throw error;
      console.info(error);
      return false;
    }
  }

  async get(name, id) {
    return done(this.db.transaction(name).objectStore(name).get(id));
  }

  async forms() {
    const rows = await done(this.db.transaction("forms").objectStore("forms").getAll());
    return rows.sort((a, b) => (a.sent_at ?? a.made_at) - (b.sent_at ?? b.made_at));
  }

  /** What this phone has of a look-back, sent or still written; the newest, or undefined. */
  async ofLookback(id) {
    return (await this.forms()).filter((form) => form.lookback === id).pop();
  }

  /** What this phone has of an act with an order, sent or still written; the newest, or undefined. */
  async ofOrder(id, act) {
    return (await this.forms()).filter((form) => form.order === id && form.fields.act === act).pop();
  }

  /** How what was sent of look-backs and orders stands ("arrived", "waiting", "refused"), by the
   * key of its stop. Of an order only what ends it counts. */
  async acts() {
    const said = new Map();
    for (const row of await this.receipts()) if (row.ends) said.set(row.ends, "arrived");
    for (const form of await this.sent()) if (form.ends) said.set(form.ends, form.state);
    return said;
  }

  /** What this phone has of a check of a shop, sent or still written; the newest, or undefined. */
  async ofShop(code) {
    return (await this.forms()).filter((form) => form.shop === code).pop();
  }

  /** The forms that were sent by hand and have no receipt yet, the oldest first. */
  async sent() {
    return (await this.forms()).filter((form) => form.state !== "draft");
  }

  /** The forms that are still written, the newest first. */
  async drafts() {
    return (await this.forms()).filter((form) => form.state === "draft").reverse();
  }

  async photosOf(id) {
    const rows = await done(this.db.transaction("photos").objectStore("photos").index("form").getAll(id));
    return rows.sort((a, b) => a.position - b.position);
  }

  async receipts() {
    const rows = await done(this.db.transaction("receipts").objectStore("receipts").getAll());
    return rows.sort((a, b) => b.at - a.at);
  }

  /** Keep a form that is still written; what was sent is never written over by it. */
  async keepForm(form) {
    const writing = this.writing("forms", "receipts");
    if (await this.isOpen(writing, form)) writing.objectStore("forms").put(form);
    await ended(writing);
  }

  // A page that was slow, or another window, may still hold what was sent meanwhile.
  async isOpen(writing, form) {
    const [kept, receipt] = await Promise.all([
      done(writing.objectStore("forms").get(form.id)),
      done(writing.objectStore("receipts").get(form.id)),
    ]);
    return kept?.state !== "waiting" && !receipt;
  }

  /** Keep a photo, with the draft it belongs to, in place of an old one if there is one; all of it
   * or nothing. */
  async keepPhoto(photo, form, old = null) {
    const writing = this.writing("forms", "photos", "receipts");
    if (await this.isOpen(writing, form)) {
      writing.objectStore("forms").put(form);
      writing.objectStore("photos").put(photo);
      if (old) writing.objectStore("photos").delete(old.id);
    }
    await ended(writing);
  }

  /** Change fields of a record, if it is still there; returns it. */
  async change(name, id, fields) {
    const writing = this.writing(name);
    const store = writing.objectStore(name);
    const row = await done(store.get(id));
    if (row) store.put(Object.assign(row, fields));
    await ended(writing);
    return row;
  }

  /** "Send": from this moment on the form and its photos are not given up. */
  async send(form) {
    await this.keepForm({ ...form, state: "waiting", sent_at: Date.now(), tries: 0, refusal: null, why: "" });
  }

  async dropPhoto(id) {
    const writing = this.writing("photos");
    writing.objectStore("photos").delete(id);
    await ended(writing);
  }

  /** Throw a form and its photos away: only by hand, or with its receipt. */
  async drop(id, receipt = null) {
    const writing = this.writing("forms", "photos", "receipts");
    const photos = writing.objectStore("photos");
    for (const key of await done(photos.index("form").getAllKeys(id))) photos.delete(key);
    writing.objectStore("forms").delete(id);
    if (receipt) writing.objectStore("receipts").put(receipt);
    await ended(writing);
  }

  /** Take away a form that the server has, by a receipt that names it and all its photos. */
  async settle(form, photos, receipt) {
    if (!covers(receipt, form, photos)) return false;
    const { number, url, said = "" } = receipt;
    const { title, lookback, shop, ends } = form;
    const facts = factsOf(form, photos);
    // Who sends at once has not heard yet what the place is called; the server says it.
    const place = facts.place || receipt.place || "";
    const row = { form: form.id, number, url, said, title, lookback, shop, ends, ...facts, place, thumb: await thumbOf(photos[0]), at: Date.now() };
    try {
      await this.drop(form.id, row);
    } catch (error) {
      if (error?.name !== "QuotaExceededError") throw error;
      // Not even room for the receipt: what the server has makes room for it.
      await this.drop(form.id);
      await this.noted(() => this.keepReceipt(row));
    }
    await this.forgetOldReceipts();
    return true;
  }

  async keepReceipt(row) {
    const writing = this.writing("receipts");
    writing.objectStore("receipts").put(row);
    await ended(writing);
  }

  async forgetOldReceipts() {
    const writing = this.writing("receipts");
    const store = writing.objectStore("receipts");
    for (const row of await done(store.getAll())) {
      if (row.at < Date.now() - DAYS_KEPT) store.delete(row.form);
    }
    await ended(writing);
  }
}

/** What is told of a form beside its name, also when it is gone: where, how many pictures, how
 * large, taken when. */
export function factsOf(form, photos) {
  return { place: form.fields.address || form.place || "", count: photos.length, size: photos.reduce((sum, photo) => sum + photo.size, 0), shot_at: photos[0]?.taken_at ?? null };
}

/** Whether a receipt names the form and each of its photos by its SHA-256. */
export function covers(receipt, form, photos) {
  if (!receipt || receipt.form !== form.id || !receipt.number || !Array.isArray(receipt.photos)) return false;
  // What could not be verified behind a closed door may have no photo, nor an order that is only
  // received, nor a shop where all is well; a report always has one.
  if (!photos.length && form.kind === "report") return false;
  return photos.every((photo) => receipt.photos.includes(photo.sha256));
}

export { done, ended };

/** Open the queue of a person. */
export async function openStore(user) {
  return new Store(user, await open(user));
}

/** Delete a person's queue with all that is in it. */
export function forget(user) {
  return done(indexedDB.deleteDatabase(nameOf(user)));
}

// The pictures of one form: each is kept as what it shows and where it stands among the others, and
// one that is taken anew takes the place of the old one as the same.

import { photoOf } from "./photo.js";
import { here } from "./place.js";

/** Keep a picture file with its form. `said` is what it shows (role, kind, ...); one that stands
 * in for `old` shows what that showed. The old one goes in the same breath as the new one comes: a
 * phone that is full keeps the old. Returns the new one. */
export async function putPhoto(store, form, photos, file, said, old = null) {
  const at = said.fresh ? here() : null;
  const where = at ? { lon: at.lon, lat: at.lat, accuracy_m: at.accuracy_m } : {};
  const slot = old ? { role: old.role, kind: old.kind, position: old.position } : { position: nextPosition(photos) };
  const photo = await photoOf(file, { ...said, ...slot, ...where, form: form.id });
  await store.keepPhoto(photo, form, old);
  return photo;
}

/** The pictures once another stands among them, in place of an old one if there is one. They are as
 * they are by now: while one was kept another may have come. */
export const withPhoto = (photos, photo, old = null) => (old ? photos.map((each) => (each.id === old.id ? photo : each)) : [...photos, photo]);

// Behind all that are there, also where one between was thrown away.
const nextPosition = (photos) => 1 + Math.max(-1, ...photos.map(({ position }) => position));

/** The kind that is wanted next: the first that no picture shows yet; undefined where all are there. */
export const nextKind = (kinds, photos) => kinds.find((kind) => !photos.some((photo) => photo.kind === kind));

// A picture as it goes up: made smaller where it is large, with what its camera wrote into it,
// and with the SHA-256 of the picture that was taken.

import { uuid } from "../text.js";

const LONG_SIDE = 2048;
const QUALITY = 0.86;
const THUMB = 168;
/** The server takes no larger one. */
const MOST_BYTES = 25 * 1024 * 1024;
const ORIGINALS = "phone-originals";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The SHA-256 of some bytes as 64 hexadecimal digits. */
export async function sha256(bytes) {
  return hex(await crypto.subtle.digest("SHA-256", bytes));
}

/** Some class wants pictures as they were taken: until the class is known they are kept whole. */
export function wantOriginals(some) {
  localStorage.setItem(ORIGINALS, some ? "1" : "0");
}

/** The record of a picture file; `said` adds its form, role, kind, place. `original` says whether it
 * goes up as it was taken; left out where the class is not known yet. Throws on what is no picture. */
export async function photoOf(file, { original, ...said }) {
  const source = await file.arrayBuffer();
  if (!source.byteLength) throw new Error("empty");
  const reduced = await smaller(file, source);
  const fits = source.byteLength <= MOST_BYTES;
  const bytes = original && fits ? source : reduced;
  const spare = original === undefined && bytes !== source && fits && localStorage.getItem(ORIGINALS) === "1" ? { source } : {};
  const taken = new Date(file.lastModified || Date.now());
  return {
    id: uuid(),
    role: "before",
    kind: "near",
    position: 0,
    done: false,
    received: 0,
    lon: null,
    lat: null,
    accuracy_m: null,
    taken_at: taken.toISOString(),
    ...said,
    ...spare,
    bytes,
    size: bytes.byteLength,
    sha256: await sha256(bytes),
    source_sha256: await sha256(source),
  };
}

/** What changes in a record once it is known whether it goes up as it was taken: then the whole
 * takes the place of the smaller one; null where nothing does. */
export function asWanted(photo, original) {
  if (!photo.source) return null;
  const { source, source_sha256 } = photo;
  if (!original || photo.done) return { source: null };
  return { source: null, bytes: source, size: source.byteLength, sha256: source_sha256, received: 0 };
}

/** The bytes that go up: the file itself, or a smaller JPEG of it with the file's EXIF. */
async function smaller(file, source) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // HEIC does not open in every browser; the server reads it.
    if (/heic|heif/i.test(file.type) || /\.hei[cf]$/i.test(file.name ?? "")) return source;
    throw new Error("picture");
  }
  const scale = LONG_SIDE / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) {
    bitmap.close();
    return source;
  }
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) throw new Error("picture");
  return withExif(await blob.arrayBuffer(), exifOf(source));
}

/** The EXIF block of a JPEG (with its marker and length), or null. */
export function exifOf(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 < view.byteLength) {
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) {
      const end = at + 2 + length;
      return end <= view.byteLength ? upright(buffer.slice(at, end)) : null;
    }
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda || length < 2) return null;
    at += 2 + length;
  }
  return null;
}

// The pixels were turned already: the block must not turn them again.
function upright(block) {
  const view = new DataView(block);
  const tiff = 10;
  if (block.byteLength < tiff + 8) return block;
  const little = view.getUint16(tiff) === 0x4949;
  const first = tiff + view.getUint32(tiff + 4, little);
  if (first + 2 > block.byteLength) return block;
  const entries = view.getUint16(first, little);
  for (let index = 0; index < entries; index += 1) {
    const at = first + 2 + index * 12;
    if (at + 12 > block.byteLength) break;
    if (view.getUint16(at, little) === 0x0112) view.setUint16(at + 8, 1, little);
  }
  return block;
}

/** A JPEG with an EXIF block right behind its first two bytes. */
export function withExif(jpeg, block) {
  if (!block) return jpeg;
  const made = new Uint8Array(jpeg.byteLength + block.byteLength);
  made.set(new Uint8Array(jpeg, 0, 2), 0);
  made.set(new Uint8Array(block), 2);
  made.set(new Uint8Array(jpeg, 2), 2 + block.byteLength);
  return made.buffer;
}

/** A small picture of a record's, to know it by when the record is gone; null where none can be made. */
export async function thumbOf(photo) {
  if (!photo?.bytes) return null;
  try {
    const bitmap = await createImageBitmap(new Blob([photo.bytes]), { imageOrientation: "from-image" });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [THUMB, Math.max(1, Math.round((bitmap.height * THUMB) / bitmap.width))];
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob && (await blob.arrayBuffer());
  } catch (error) {
    // HEIC, in a browser that does not open it.
    console.info(error);
    return null;
  }
}

/** An address at which a page can show a record's picture. */
export function pictureOf(photo) {
  return URL.createObjectURL(new Blob([photo.bytes], { type: "image/jpeg" }));
}

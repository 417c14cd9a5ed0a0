// Words shown by scripts. The page carries them, translated, in <template id="js-text">.

const words = new Map();
const source = document.getElementById("js-text");
for (const entry of source ? source.content.querySelectorAll("data") : []) {
  words.set(entry.value, entry.textContent.trim());
}

/** The sentence for `key`, each %(name)s replaced by params.name; the key itself if unknown. */
export function t(key, params = {}) {
  const sentence = words.get(key) ?? key;
  return sentence.replace(/%\((\w+)\)s/g, (whole, name) => params[name] ?? whole);
}

/** An element with attributes and children; strings become text, never markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** The token a POST from a script sends as X-CSRFToken. */
export function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] ?? "";
}

/** A UUID v4. crypto.randomUUID is missing on plain http, which a bureau's intranet may be. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Says `message` in the corner for eight seconds, and to screen readers. */
export function toast(message, tone = "bad") {
  const shelf = document.getElementById("toasts");
  const note = el("div", { class: `flash tone-${tone}` }, message);
  shelf.append(note);
  setTimeout(() => note.remove(), 8000);
}

// Photos go up as soon as they are picked, pasted or dropped; the form then only names their ids.
// Without script the plain file inputs named "files" are sent with the form.

import { csrfToken, el, t, toast, uuid } from "./text.js";

const AT_ONCE = 2;
const THUMB = 264;

class Upload {
  constructor(field) {
    this.field = field;
    this.list = field.querySelector("[data-upload-list]");
    this.say = field.querySelector("[data-upload-say]");
    this.max = Number(field.dataset.max || 20);
    this.maxBytes = Number(field.dataset.maxBytes || 25 * 1024 * 1024);
    this.queue = [];
    this.sending = new Map();
    this.running = 0;
    this.listen();
  }

  listen() {
    const { field } = this;
    field.classList.add("is-live");
    for (const input of field.querySelectorAll("input[type=file]")) {
      input.removeAttribute("name");
      input.required = false;
      input.addEventListener("change", () => {
        this.add(input.files);
        input.value = "";
      });
    }
    field.addEventListener("dragover", (event) => this.over(event, true));
    field.addEventListener("dragleave", (event) => this.over(event, false));
    field.addEventListener("drop", (event) => {
      this.over(event, false);
      this.add(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => this.paste(event));
    field.closest("form")?.addEventListener("submit", (event) => this.guard(event), true);
    this.list.addEventListener("click", (event) => this.remove(event));
  }

  over(event, inside) {
    event.preventDefault();
    this.field.classList.toggle("is-over", inside);
  }

  paste(event) {
    const files = event.clipboardData?.files ?? [];
    // Where two fields stand side by side the first one takes what is pasted.
    if (event.defaultPrevented || !files.length || !this.field.getClientRects().length) return;
    event.preventDefault();
    this.add(files);
  }

  // A form sent now would leave behind what is still on its way.
  guard(event) {
    const left = this.running + this.queue.length;
    if (!left) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast(t("upload.wait", { n: left }), "warn");
  }

  add(files) {
    for (const file of files) {
      if (this.list.children.length >= this.max) {
        toast(t("upload.many", { n: this.max }), "warn");
        break;
      }
      this.enlist(file);
    }
    this.pump();
  }

  enlist(file) {
    const canvas = el("canvas", { width: THUMB, height: (THUMB * 3) / 4 });
    const bar = el("progress", { class: "bar", max: 1, value: 0, "aria-label": file.name });
    const state = el("span", { class: "upload-state clip" }, t("upload.queued"));
    const remove = el("button", { type: "button", class: "btn quiet", "data-upload-remove": true, "aria-label": t("upload.remove_named", { name: file.name }) }, t("upload.remove"));
    const name = el("span", { class: "upload-name clip", title: file.name }, file.name);
    const node = el("li", { class: "upload-item" }, canvas, bar, name, el("div", { class: "row" }, state, remove));
    this.list.append(node);
    const item = { file, node, bar, state, canvas, key: uuid() };
    preview(item);
    const refusal = this.refusal(file);
    if (refusal) this.fail(item, refusal, false);
    else this.queue.push(item);
  }

  refusal(file) {
    if (file.size === 0) return t("upload.empty");
    if (file.size > this.maxBytes) return t("upload.big", { n: Math.floor(this.maxBytes / 1048576) });
    const image = file.type.startsWith("image/") || /\.(jpe?g|png|webp|hei[cf])$/i.test(file.name);
    return image ? "" : t("upload.type");
  }

  pump() {
    while (this.running < AT_ONCE && this.queue.length) this.send(this.queue.shift());
    this.tell();
  }

  tell() {
    const left = this.running + this.queue.length;
    const done = this.list.querySelectorAll("input[type=hidden]").length;
    this.say.textContent = left ? t("upload.sending", { n: left }) : done ? t("upload.done", { n: done }) : "";
  }

  send(item) {
    this.running += 1;
    const body = new FormData();
    body.append("file", item.file, item.file.name || "photo.jpg");
    body.append("kind", this.field.dataset.kind || "");
    const xhr = new XMLHttpRequest();
    this.sending.set(item.node, xhr);
    xhr.open("POST", this.field.dataset.uploadUrl);
    xhr.responseType = "json";
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    xhr.setRequestHeader("Idempotency-Key", item.key);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.onprogress = (event) => this.progress(item, event);
    xhr.onloadend = () => this.finish(item, xhr);
    xhr.send(body);
  }

  progress(item, event) {
    if (!event.lengthComputable) return;
    item.bar.value = event.loaded / event.total;
    item.state.textContent = t("upload.percent", { n: Math.round(item.bar.value * 100) });
  }

  finish(item, xhr) {
    this.running -= 1;
    this.sending.delete(item.node);
    const answer = xhr.response;
    if (xhr.status >= 200 && xhr.status < 300 && answer?.id) this.succeed(item, answer);
    else {
      // A refusal of the picture stays a refusal; a broken line or a tired server may be tried again.
      const again = xhr.status === 0 || xhr.status === 429 || xhr.status >= 500;
      this.fail(item, answer?.error?.message ?? t(xhr.status ? "upload.failed" : "net.down"), again);
    }
    this.pump();
  }

  succeed(item, photo) {
    item.bar.remove();
    item.state.textContent = photo.taken_at_text || item.file.name || "";
    item.node.append(el("input", { type: "hidden", name: this.field.dataset.name || "photos", value: photo.id }));
    if (!item.previewed && photo.thumb_url) item.canvas.replaceWith(el("img", { src: photo.thumb_url, alt: "" }));
    this.field.dispatchEvent(new CustomEvent("photo:placed", { bubbles: true, detail: photo }));
  }

  fail(item, message, again) {
    item.node.classList.add("is-bad");
    item.bar.hidden = true;
    item.state.textContent = message;
    item.state.classList.remove("clip");
    if (!again) return;
    const retry = el("button", { type: "button", class: "btn quiet" }, t("upload.again"));
    item.state.after(retry);
    retry.addEventListener("click", () => {
      retry.remove();
      item.node.classList.remove("is-bad");
      item.bar.hidden = false;
      this.queue.push(item);
      this.pump();
    });
  }

  remove(event) {
    const button = event.target.closest("[data-upload-remove]");
    if (!button) return;
    const node = button.closest("li");
    const queued = this.queue.findIndex((item) => item.node === node);
    if (queued >= 0) this.queue.splice(queued, 1);
    node.remove();
    this.sending.get(node)?.abort();
    this.field.querySelector("input[type=file]")?.focus();
    this.tell();
  }
}

// Drawn on a canvas, so that the policy need not allow blob: pictures. HEIC may not decode here.
async function preview(item) {
  try {
    const bitmap = await createImageBitmap(item.file, { resizeWidth: THUMB, imageOrientation: "from-image" });
    const { canvas } = item;
    const scale = Math.max(canvas.width / bitmap.width, canvas.height / bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    canvas.getContext("2d").drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    canvas.classList.add("is-drawn");
    item.previewed = true;
  } catch {
    item.previewed = false;
  }
}

/** Brings one [data-upload] field to life. The server answers {id, thumb_url?, lon?, lat?} or {error: {code, message}}. */
export function start(field) {
  return new Upload(field);
}

// The settings in tables: fields that Django's widgets leave without a name get that of their row.

function labelOf(field) {
  const row = field.closest(".flex-container, .form-row, fieldset");
  const label = document.querySelector(`label[for="${field.id}"]`) ?? row?.querySelector("label, legend");
  if (label && !label.id) label.id = `${field.id}-label`;
  return label;
}

// A moment is two fields under one label: 日期 and 时间 stand before them as plain words.
function nameMoments() {
  for (const field of document.querySelectorAll("p.datetime input")) {
    const words = field.previousSibling?.textContent.trim().replace(/[:：]$/, "") ?? "";
    const label = labelOf(field)?.textContent.trim().replace(/[:：]$/, "") ?? "";
    field.setAttribute("aria-label", `${label} ${words}`.trim());
  }
}

function nameChoices() {
  for (const field of document.querySelectorAll("select.admin-autocomplete")) {
    const label = labelOf(field);
    const shown = field.nextElementSibling;
    if (!label || !shown?.matches(".select2")) continue;
    const value = shown.querySelector(".select2-selection__rendered");
    shown.querySelector(".select2-selection").setAttribute("aria-labelledby", `${label.id} ${value?.id ?? ""}`.trim());
    shown.querySelectorAll("[role=textbox], [role=searchbox]").forEach((part) => part.setAttribute("aria-labelledby", label.id));
  }
}

// The box to search in is made when the list opens.
function nameSearch(event) {
  const label = labelOf(event.target);
  if (label) document.querySelector(".select2-dropdown [role=searchbox]")?.setAttribute("aria-labelledby", label.id);
}

function start() {
  nameMoments();
  nameChoices();
  document.querySelectorAll(".search-label-icon[aria-label]").forEach((icon) => icon.setAttribute("role", "img"));
  window.django?.jQuery?.(document).on("select2:open", nameSearch);
}

// Django's widgets are built on load too, by scripts that were there before this one.
if (document.readyState === "complete") start();
else addEventListener("load", () => setTimeout(start));

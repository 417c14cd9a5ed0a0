// The report form: a picked class and a typed one do not stand side by side.

const form = document.getElementById("report-form");
const typed = form.querySelector("[name=class_text]");

form.addEventListener("change", (event) => {
  if (event.target.name === "category") typed.value = "";
  else if (event.target === typed && typed.value) {
    form.querySelectorAll("[name=category]:checked").forEach((radio) => (radio.checked = false));
  }
});

// A suggested class is taken by a press, never by itself.
form.addEventListener("click", (event) => {
  const hint = event.target.closest("[data-class]");
  if (!hint) return;
  typed.value = hint.dataset.class;
  typed.dispatchEvent(new Event("change", { bubbles: true }));
});

// The report form: a picked class and a typed one do not stand side by side.

const form = document.getElementById("report-form");
const typed = form.querySelector("[name=class_text]");

form.addEventListener("change", (event) => {
  if (event.target.name === "category") typed.value = "";
  else if (event.target === typed && typed.value) {
    form.querySelectorAll("[name=category]:checked").forEach((radio) => (radio.checked = false));
  }
});

// On a cell's page: only the people of the chosen team are offered.

const form = document.getElementById("charge-form");
if (form) {
  const { team, person } = form.elements;
  const narrow = () => {
    const name = team.value ? team.selectedOptions[0].label : "";
    for (const group of person.querySelectorAll("optgroup")) {
      group.hidden = group.disabled = Boolean(name) && group.label !== name;
    }
    if (person.selectedOptions[0]?.parentElement.disabled) person.value = "";
  };
  team.addEventListener("change", narrow);
  narrow();
}

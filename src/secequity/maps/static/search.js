const FOUND_AT_MOST = 8;

function folded(words) {
  return words.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

let foldedNames = null;

function matches(query) {
  const wanted = folded(query.trim());
  if (!wanted) return [];
  foldedNames = foldedNames || data.names.map((name, index) => folded(name + " " + data.ids[index]));
  const hits = [];
  foldedNames.forEach((name, index) => name.includes(wanted) && hits.push(index));
  const early = (index) => (foldedNames[index].startsWith(wanted) ? 0 : 1);
  return hits.sort((one, other) => early(one) - early(other) || one - other).slice(0, FOUND_AT_MOST);
}

function installSearch() {
  const input = byId("search");
  const list = byId("found");
  let active = -1;

  function show(found) {
    list.replaceChildren(...found.map((index, place) => {
      const option = el("li", { role: "option", id: "found-" + place, "aria-selected": "false" }, named(index), el("small", {}, data.ids[index]));
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => take(index));
      option.index = index;
      return option;
    }));
    if (!found.length && input.value.trim()) list.append(el("li", { class: "none", role: "option", "aria-disabled": "true" }, t("search.none")));
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(found.length ? 0 : -1);
  }

  function mark(place) {
    active = place;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place >= 0) input.setAttribute("aria-activedescendant", "found-" + place);
    else input.removeAttribute("aria-activedescendant");
  }

  function take(index) {
    input.value = "";
    show([]);
    choose(index, true);
    byId("panel").focus({ preventScroll: true });
  }

  input.addEventListener("input", () => show(matches(input.value)));
  input.addEventListener("blur", () => show([]));
  input.addEventListener("keydown", (event) => {
    const options = [...list.children].filter((option) => option.index !== undefined);
    if (event.key === "ArrowDown" && options.length) mark((active + 1) % options.length);
    else if (event.key === "ArrowUp" && options.length) mark((active + options.length - 1) % options.length);
    else if (event.key === "Enter" && options[active]) take(options[active].index);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
  });
}

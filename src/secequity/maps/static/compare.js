let second = null;
let leading = null;

function paintChoices() {
  const chooser = byId("compare");
  const options = [...data.duty, ...data.measures].map((one) => el("option", { value: one.id }, optionWords(one)));
  chooser.replaceChildren(el("option", { value: "" }, t("compare.none")), ...options);
  chooser.value = state.compare;
}

function optionWords(one) {
  const label = measureLabel(one.id);
  const kind = one.layer && label === spoken(one.heading) ? t("choose." + one.kind) : "";
  return kind ? label + ": " + kind : label;
}

function installCompare() {
  byId("compare").addEventListener("change", (event) => {
    state.compare = event.target.value;
    repaint();
    whole();
  });
}

function paintSecond() {
  const wanted = state.compare !== "";
  byId("frames").classList.toggle("two", wanted);
  byId("second").hidden = !wanted;
  if (!wanted) return;
  if (!second) openSecond();
  second.map.invalidateSize({ animate: false });
  second.map.getContainer().setAttribute("aria-label", measureLabel(state.compare) + ". " + t("compare.label"));
  byId("second-title").textContent = optionWords(measures.get(state.compare) || duties.get(state.compare));
  byId("second-unit").textContent = measureUnit(state.compare);
  byId("second-legend").replaceChildren(shortLegend(state.compare), el("p", {}, sameBreaks()));
}

function sameBreaks() {
  const other = measures.get(state.compare);
  return other && other.sharing.includes(state.measure) && viewOf(state.compare) === "value" ? t("compare.same") : t("compare.own");
}

function openSecond() {
  const map = L.map(byId("other"), { ...main.map.options, layers: [], center: main.map.getCenter(), zoom: main.map.getZoom() });
  second = installSheet(map, () => state.compare || state.measure);
  main.map.on("move zoomend", () => follow(main.map, map));
  map.on("move zoomend", () => follow(map, main.map));
  ringAround(second, state.chosen);
}

function follow(from, to) {
  if (leading !== null || byId("second").hidden) return;
  leading = from;
  to.setView(from.getCenter(), from.getZoom(), { animate: false });
  leading = null;
}

function shiftSteps() {
  const shifts = data.measures.filter((one) => one.group === "shifts");
  const whole = measures.get("official_hours_per_1000");
  const hours = [...(whole ? [whole] : []), ...shifts].map((one) => one.id);
  const served = data.duty.map((one) => one.id);
  return [hours, served].find((ids) => ids.length > 1 && ids.includes(state.measure)) || [];
}

function shiftWord(id) {
  const one = measures.get(id) || duties.get(id);
  return (one.option && spoken(one.option)) || t("shift.whole");
}

function paintShifts() {
  const steps = shiftSteps();
  byId("shift").hidden = !steps.length;
  if (!steps.length) return;
  const slider = byId("shift-slider");
  slider.max = steps.length - 1;
  slider.value = steps.indexOf(state.measure);
  slider.setAttribute("aria-valuetext", shiftWord(state.measure));
  byId("shift-word").textContent = shiftWord(state.measure);
}

function installShifts() {
  byId("shift-slider").addEventListener("input", (event) => {
    state.measure = shiftSteps()[Number(event.target.value)];
    for (const input of byId("measures").querySelectorAll("input")) input.checked = input.value === state.measure;
    repaint();
  });
}

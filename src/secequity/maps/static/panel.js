function paintPanel() {
  const panel = byId("panel");
  panel.replaceChildren(...(state.chosen === null ? overview() : chosenArea(state.chosen)));
}

function overview() {
  const parts = [];
  const bars = comparison(null);
  if (bars) parts.push(el("h2", { id: "panel-title" }, t("panel.compare")), bars);
  parts.push(el("h2", bars ? {} : { id: "panel-title" }, t("panel.findings")));
  parts.push(el("ol", { class: "findings" }, ...data.findings[state.language].map((sentence) => el("li", {}, sentence))));
  parts.push(el("p", { class: "hint" }, t("panel.hint")));
  return parts;
}

function comparison(index) {
  const measure = measures.get(state.measure);
  const gap = measure ? data.gaps[measure.id] : null;
  const rows = gap ? ["centre", "periphery"].map((zone) => ({ label: capital(say("zone." + zone)), value: gap[zone], kind: zone })) : [];
  if (index !== null && measure) rows.push({ label: data.names[index], value: data.values[measure.id][index], kind: "area" });
  const known = rows.filter((row) => row.value !== null);
  if (known.length < 2) return null;
  const top = Math.max(...known.map((row) => Math.abs(row.value))) || 1;
  const box = el("div", { class: "bars" }, el("p", { class: "bars-title" }, measureLabel(measure.id) + (measure.unit[state.language] ? " · " + measure.unit[state.language] : "")));
  const words = alike(rows.map((row) => row.value), measure.classes.decimals);
  rows.forEach((row, at) => {
    const bar = el("div", { class: "bar bar-" + row.kind });
    bar.style.width = row.value === null ? "0" : Math.max(0.6, (100 * Math.abs(row.value)) / top) + "%";
    box.append(el("div", { class: "bar-row" },
      el("span", { class: "bar-label" }, el("bdi", {}, row.label)),
      el("span", { class: "bar-track", "aria-hidden": "true" }, bar),
      el("strong", {}, row.value === null ? "–" : words[at])));
  });
  if (gap && index === null) box.append(el("p", { class: "bars-note" }, gapWords(gap, measure)));
  return box;
}

function gapWords(gap, measure) {
  const words = [];
  const [difference, low, high] = alike([gap.difference, gap.low, gap.high], measure.classes.decimals);
  if (gap.difference !== null) words.push(t("gap.difference", { value: difference }));
  if (gap.low !== null && gap.high !== null) {
    words.push(t("gap.interval", { level: number(Math.round(1000 * (gap.level || 0.95)) / 10), low, high }));
  } else {
    words.push(t("gap.nointerval"));
  }
  if (gap.p_value !== null) words.push(t("gap.p", { p: chance(gap.p_value) }));
  return words.join(" ");
}

function chosenArea(index) {
  const zone = data.zones[index] || "missing";
  const close = el("button", { type: "button", class: "close", "aria-label": t("panel.back"), title: t("panel.back") }, "×");
  close.addEventListener("click", () => choose(null));
  const people = data.population[index];
  const facts = [capital(say("zone." + zone)), people === null ? capital(say("status.missing")) : t("people", { count: number(people) })];
  const bars = comparison(index);
  return [
    el("div", { class: "panel-top" }, el("h2", { id: "panel-title" }, named(index)), close),
    el("p", { class: "facts" }, facts.join(" · ")),
    ...(bars ? [bars] : []),
    clusterSentence(index),
    figuresOf(index),
    steps(index),
  ].filter(Boolean);
}

function clusterSentence(index) {
  const duty = duties.get(state.measure);
  if (duty) return el("p", { class: "cluster-words" }, el("strong", {}, duty.option[state.language] + ": "), dutyWord(duty.values[index]) + ".");
  if (!hasClusters(state.measure)) return null;
  const found = data.clusters[state.measure][index] || "missing";
  const p = (data.p_fdr[state.measure] || [])[index];
  const tested = p !== null && p !== undefined;
  const words = tested && found === "ns" ? [t("p.chance", { p: chance(p) })] : [capital(say("cluster." + found)) + "."];
  if (tested && found !== "ns") words.push(t("p.beyond", { p: chance(p) }));
  return el("p", { class: "cluster-words" }, ...(letter(found) ? [el("b", { class: "letter letter-" + found }, letter(found))] : []), words.join(" "));
}

const GROUPS = ["layer", "joined", "shifts", "covariate"];

function figuresOf(index) {
  const rows = GROUPS.flatMap((group) => {
    const measured = data.measures.filter((measure) => measure.group === group);
    if (group === "layer") return [...new Set(measured.map((one) => one.layer))].flatMap((layer) => layerRows(layer, measured, index));
    if (group === "shifts") return data.duty.length ? shiftRows(measured, index) : [];
    const heading = measured.length ? [headingRow(t("choose." + group))] : [];
    return heading.concat(measured.map((measure) => measureRow(measure, index, measureLabel(measure.id), measure.unit[state.language])));
  });
  return el("table", { class: "figures" }, el("caption", { class: "unseen" }, data.names[index]), el("tbody", {}, ...rows));
}

function headingRow(words) {
  return el("tr", { class: "layer-row" }, el("th", { scope: "rowgroup", colspan: 2 }, words));
}

function layerRows(layer, measured, index) {
  const own = measured.filter((measure) => measure.layer === layer);
  const rows = [headingRow(own[0].heading[state.language])];
  if (layer in data.amounts) rows.push(figureRow(capital(own[0].counted[state.language]), amountWords(own[0], index)));
  rows.push(...own.map((measure) => measureRow(measure, index, t("panel." + measure.kind, { people: number(measure.people) }))));
  for (const [key, values] of Object.entries(data.more[layer] || {})) {
    const value = values[index];
    const whole = key === "covered_share" && value > 0.995;
    if (value !== null && !whole) rows.push(figureRow(t("more." + key), key === "covered_share" ? number(Math.round(100 * value)) + NARROW + "%" : number(value)));
  }
  return rows;
}

function shiftRows(measured, index) {
  const unit = measured.length ? el("small", {}, measured[0].unit[state.language]) : "";
  const rows = [el("tr", { class: "layer-row" }, el("th", { scope: "rowgroup", colspan: 2 }, t("choose.shifts"), unit))];
  for (const duty of data.duty) {
    const measure = measured.find((one) => duty.id === "duty_" + one.shift);
    const status = dutyWord(duty.values[index]);
    const value = measure ? valueWords(measure, index) : "–";
    const current = [duty.id, measure && measure.id].includes(state.measure);
    rows.push(figureRow(duty.option[state.language], value, measure ? clusterLetter(measure, index) : "", current, capital(status)));
  }
  return rows;
}

function clusterLetter(measure, index) {
  return hasClusters(measure.id) ? letter(data.clusters[measure.id][index] || "missing") : "";
}

function measureRow(measure, index, label, unit = "") {
  return figureRow(label, valueWords(measure, index), clusterLetter(measure, index), measure.id === state.measure, unit);
}

function amountWords(measure, index) {
  const amount = data.amounts[measure.layer][index];
  return amount === null ? capital(say("status." + absence(measure, index))) : number(amount);
}

function figureRow(label, value, cluster = "", current = false, unit = "") {
  return el("tr", current ? { class: "current" } : {},
    el("th", { scope: "row" }, label, unit ? el("small", {}, unit) : null),
    el("td", {}, value, cluster ? el("b", { class: "chip" }, cluster) : null));
}

function steps(index) {
  if (!measures.has(state.measure)) return null;
  const order = ranked();
  const at = order.indexOf(index);
  const box = el("div", { class: "steps" });
  for (const [key, to] of [["panel.previous", order[at - 1]], ["panel.next", order[at + 1]]]) {
    const button = el("button", { type: "button", class: "tool", "data-step": key, disabled: to === undefined }, t(key));
    button.addEventListener("click", () => {
      choose(to, true);
      const again = byId("panel").querySelector(`[data-step="${key}"]`);
      (again.disabled ? byId("panel") : again).focus();
    });
    box.append(button);
  }
  if (at >= 0) box.append(el("span", {}, t("panel.place", { place: number(at + 1), total: number(order.length) })));
  return box;
}

function ranked() {
  const measure = measures.get(state.measure);
  const known = data.ids.map((id, index) => index).filter((index) => data.values[measure.id][index] !== null);
  return known.sort((one, other) => data.values[measure.id][other] - data.values[measure.id][one] || one - other);
}

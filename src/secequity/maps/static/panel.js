const GROUPS = ["layer", "joined", "shifts", "covariate"];

function paintPanel() {
  const panel = byId("panel");
  const index = state.chosen === null ? state.hovered : state.chosen;
  panel.classList.toggle("passing", state.chosen === null && index !== null);
  panel.replaceChildren(...(index === null ? overview() : chosenArea(index)));
}

function overview() {
  const parts = [];
  const bars = comparison(null);
  if (bars) parts.push(el("h2", { id: "panel-title" }, t("panel.compare")), bars);
  const curve = lorenzFigure(state.measure);
  if (curve) parts.push(curve);
  parts.push(el("h2", bars ? {} : { id: "panel-title" }, t("panel.findings")));
  parts.push(el("ol", { class: "findings" }, ...spoken(data.findings).map((sentence) => el("li", {}, sentence))));
  if (data.claims.length) parts.push(el("h2", { class: "claims-title" }, t("panel.claims")), claimList());
  parts.push(el("p", { class: "hint" }, t("panel.hint")));
  return parts;
}

function claimList() {
  return el("ul", { class: "claims" }, ...data.claims.map((claim) => {
    const head = [el("strong", {}, spoken(claim.name)), " ", el("b", { class: "verdict verdict-" + claim.verdict }, spoken(claim.word))];
    const reading = spoken(claim.reading);
    return el("li", {}, reading ? el("details", {}, el("summary", {}, ...head), el("p", {}, reading)) : el("div", {}, ...head));
  }));
}

function comparison(index) {
  const measure = measures.get(state.measure);
  const gap = measure ? data.gaps[measure.id] : null;
  const rows = gap ? ["centre", "periphery"].map((zone) => ({ label: capital(say("zone." + zone)), value: gap[zone], kind: zone })) : [];
  if (index !== null && measure) rows.push({ label: data.names[index], value: valueOf(measure.id, index), kind: "area" });
  const known = rows.filter((row) => row.value !== null);
  if (known.length < 2) return null;
  const top = Math.max(...known.map((row) => Math.abs(row.value))) || 1;
  const unit = spoken(measure.unit);
  const box = el("div", { class: "bars" }, el("p", { class: "bars-title" }, measureLabel(measure.id) + (unit ? " · " + unit : "")));
  const words = alike(rows.map((row) => row.value), measure.classes.decimals);
  rows.forEach((row, at) => {
    const bar = el("div", { class: "bar bar-" + row.kind });
    bar.style.width = row.value === null ? "0" : Math.max(0.6, (100 * Math.abs(row.value)) / top) + "%";
    box.append(el("div", { class: "bar-row" },
      el("span", { class: "bar-label" }, el("bdi", {}, row.label)),
      el("span", { class: "bar-track", "aria-hidden": "true" }, bar),
      el("strong", {}, row.value === null ? "–" : words[at])));
  });
  if (index === null && gap.difference !== null) box.append(el("p", { class: "bars-note" }, gapWords(gap, measure)));
  return box;
}

function gapWords(gap, measure) {
  const words = [];
  const [difference, low, high] = alike([gap.difference, gap.low, gap.high], measure.classes.decimals);
  words.push(t("gap.difference", { value: difference }));
  if (gap.low !== null && gap.high !== null) {
    words.push(t("gap.interval", { level: number(Math.round(1000 * (gap.level || 0.95)) / 10), low, high }));
  } else {
    words.push(t("gap.nointerval"));
  }
  if (gap.p_value !== null) words.push(t("gap.p", { p: chance(gap.p_value) }));
  if (gap.p_value !== null && gap.p_space !== undefined && gap.p_space !== null) words.push(t("gap.p_space", { p: chance(gap.p_space) }));
  return words.join(" ");
}

function chosenArea(index) {
  const close = el("button", { type: "button", class: "close", "aria-label": t("panel.back"), title: t("panel.back") }, "×");
  close.addEventListener("click", () => {
    choose(null);
    byId("search").focus();
  });
  const people = plainNumber(data.population[index]);
  const facts = [zoneWord(index), people === null ? capital(say("status.missing")) : t("people", { count: number(people) })];
  return [
    el("div", { class: "panel-top" }, el("h2", { id: "panel-title" }, named(index)), state.chosen === null ? null : close),
    el("p", { class: "facts" }, facts.join(" · ")),
    comparison(index),
    clusterSentence(index),
    placeWords(index),
    ledgerBar(index),
    notesOf(index),
    figuresOf(index),
    state.chosen === null ? null : steps(index),
  ].filter(Boolean);
}

function clusterSentence(index) {
  const duty = duties.get(state.measure);
  if (duty) return el("p", { class: "cluster-words" }, el("strong", {}, spoken(duty.option) + ": "), dutyWord(word(duty.values, index)) + ".");
  if (!hasClusters(state.measure)) return null;
  const found = word(data.clusters[state.measure], index) || "missing";
  const p = chanceAt(state.measure, index);
  const words = p && found === "ns" ? [t("p.chance", { p })] : [capital(say("cluster." + found)) + "."];
  if (p && found !== "ns") words.push(t("p.beyond", { p }));
  return el("p", { class: "cluster-words" }, ...(letter(found) ? [el("b", { class: "letter letter-" + found }, letter(found))] : []), words.join(" "));
}

function ledgerBar(index) {
  const hours = Object.keys(data.hours).map((supplier) => ({ supplier, value: plainNumber(data.hours[supplier][index]) }));
  const total = hours.reduce((sum, one) => sum + (one.value || 0), 0);
  if (!hours.length) return null;
  const box = el("div", { class: "ledger" }, el("h3", {}, t("ledger.title")));
  if (total > 0) {
    const bar = el("div", { class: "ledger-bar", "aria-hidden": "true" });
    for (const { supplier, value } of hours) {
      if (!value) continue;
      const part = el("span", { class: "part part-" + supplier });
      part.style.width = (100 * value) / total + "%";
      part.style.background = data.palette.supplier[supplier];
      bar.append(part);
    }
    box.append(bar);
  }
  const known = hours.every((one) => one.value !== null);
  box.append(el("ul", {}, ...hours.map(({ supplier, value }) => {
    const key = el("i", { "aria-hidden": "true" });
    key.style.background = data.palette.supplier[supplier];
    const share = known && total > 0 ? " (" + number(Math.round((100 * value) / total)) + NARROW + "%)" : "";
    return el("li", {}, key, capital(say("supplier." + supplier)) + ": ", el("strong", {}, value === null ? say("status.missing") : number(value, value < 10 ? null : 0)), share);
  })));
  return box;
}

function notesOf(index) {
  const notes = [];
  for (const [layer, column] of Object.entries(data.status)) {
    const status = word(column, index);
    if (!status || status === "ok") continue;
    const measure = data.measures.find((one) => one.layer === layer);
    const name = measure ? spoken(measure.heading) : layer === "participation" ? say("layer.participation") : measures.has(layer) ? measureLabel(layer) : layer;
    notes.push(name + ": " + say("status." + status));
  }
  for (const [id, column] of Object.entries(data.reliability)) {
    const firm = word(column, index);
    if (UNRELIABLE.includes(firm)) notes.push(t("notes.unreliable", { label: measureLabel(id), why: say("reliability." + firm) }));
  }
  const said = [...new Set(notes)];
  return said.length ? el("div", { class: "notes" }, el("h3", {}, t("notes.title")), el("ul", {}, ...said.map((note) => el("li", {}, el("bdi", {}, note))))) : null;
}

function figuresOf(index) {
  const rows = GROUPS.flatMap((group) => {
    const measured = data.measures.filter((measure) => measure.group === group);
    if (group === "layer") return [...new Set(measured.map((one) => one.layer))].flatMap((layer) => layerRows(layer, measured, index));
    if (group === "shifts") return data.duty.length ? shiftRows(measured, index) : [];
    const heading = measured.length ? [headingRow(t("choose." + group))] : [];
    return heading.concat(measured.map((measure) => measureRow(measure, index, measureLabel(measure.id), spoken(measure.unit))));
  });
  return el("table", { class: "figures" }, el("caption", { class: "unseen" }, data.names[index]), el("tbody", {}, ...rows));
}

function headingRow(words) {
  return el("tr", { class: "layer-row" }, el("th", { scope: "rowgroup", colspan: 2 }, words));
}

function layerRows(layer, measured, index) {
  const own = measured.filter((measure) => measure.layer === layer);
  const rows = [headingRow(spoken(own[0].heading))];
  if (layer in data.amounts) rows.push(figureRow(capital(spoken(own[0].counted)), amountWords(own[0], index)));
  rows.push(...own.map((measure) => measureRow(measure, index, t("panel." + measure.kind, { people: number(measure.people) }))));
  for (const [key, values] of Object.entries(data.more[layer] || {})) {
    const value = plainNumber(values[index]);
    const whole = key === "covered_share" && value > 0.995;
    if (value !== null && !whole) rows.push(figureRow(t("more." + key), key === "covered_share" ? number(Math.round(100 * value)) + NARROW + "%" : number(value)));
  }
  return rows;
}

function shiftRows(measured, index) {
  const unit = measured.length ? el("small", {}, spoken(measured[0].unit)) : "";
  const rows = [el("tr", { class: "layer-row" }, el("th", { scope: "rowgroup", colspan: 2 }, t("choose.shifts"), unit))];
  for (const duty of data.duty) {
    const measure = measured.find((one) => duty.id === "duty_" + one.shift);
    const value = measure ? valueWords(measure, index) : "–";
    const current = [duty.id, measure && measure.id].includes(state.measure);
    rows.push(figureRow(spoken(duty.option), value, measure ? clusterLetter(measure, index) : "", current, capital(dutyWord(word(duty.values, index)))));
  }
  return rows;
}

function clusterLetter(measure, index) {
  return hasClusters(measure.id) ? letter(word(data.clusters[measure.id], index) || "missing") : "";
}

function intervalWords(measure, index) {
  const ends = [data.low, data.high].map((columns) => plainNumber(columns[measure.id][index]));
  if (ends.includes(null)) return "–";
  return t("interval", { low: number(ends[0], measure.classes.decimals), high: number(ends[1], measure.classes.decimals) });
}

function measureRow(measure, index, label, unit = "") {
  const ends = measure.id in data.low ? intervalWords(measure, index) : "";
  const beside = [unit, ends === "–" ? "" : ends].filter(Boolean).join(" · ");
  return figureRow(label, valueWords(measure, index), clusterLetter(measure, index), measure.id === state.measure, beside);
}

function amountWords(measure, index) {
  const amount = plainNumber(data.amounts[measure.layer][index]);
  return amount === null ? capital(say("status." + absence([measure.layer], index))) : number(amount);
}

function figureRow(label, value, cluster = "", current = false, unit = "") {
  return el("tr", current ? { class: "current" } : {},
    el("th", { scope: "row" }, label, unit ? el("small", {}, unit) : null),
    el("td", {}, value, cluster ? el("b", { class: "chip" }, cluster) : null));
}

function placeWords(index) {
  const order = ranked(state.measure);
  const at = order.indexOf(index);
  return at < 0 ? null : el("p", { class: "facts place" }, t("panel.place", { place: number(at + 1), total: number(order.length) }));
}

function steps(index) {
  const order = ranked(state.measure);
  if (!order.length) return null;
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
  return box;
}

const orders = new Map();

function ranked(id) {
  if (!measures.has(id)) return [];
  if (!orders.has(id)) {
    const values = data.values[id];
    const known = Array.from({ length: many }, (_, index) => index).filter((index) => !Number.isNaN(values[index]));
    orders.set(id, known.sort((one, other) => values[other] - values[one] || one - other));
  }
  return orders.get(id);
}

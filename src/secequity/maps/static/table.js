const ROWS_AT_ONCE = 250;
const FORMULA = /^[=+\-@\t\r]/;
const sorting = { column: null, down: true };

function columns() {
  const told = [
    { id: "id", label: t("table.id"), value: (index) => data.ids[index], words: (index) => el("bdi", {}, data.ids[index]) },
    { id: "zone", label: t("table.zone"), value: (index) => word(data.zones, index), words: (index) => zoneWord(index) },
    { id: "population", label: t("table.population"), numeric: true, value: (index) => plainNumber(data.population[index]), words: (index) => number(data.population[index]) },
  ];
  told.unshift({ id: "name", label: t("table.name"), value: (index) => data.names[index], words: (index) => named(index) });
  const seen = new Set();
  for (const measure of data.measures) {
    if (measure.layer in data.amounts && !seen.has(measure.layer)) {
      seen.add(measure.layer);
      const label = t("amount", { label: spoken(measure.heading), counted: spoken(measure.counted) });
      told.push({ id: measure.layer, label, numeric: true, value: (index) => plainNumber(data.amounts[measure.layer][index]), words: (index) => amountWords(measure, index) });
    }
    told.push(...columnsOf(measure));
  }
  for (const supplier of Object.keys(data.hours)) {
    told.push({ id: "hours_" + supplier, label: capital(say("supplier." + supplier)), unit: t("ledger.unit"), numeric: true, value: (index) => plainNumber(data.hours[supplier][index]), words: (index) => orMissing(data.hours[supplier][index]) });
  }
  for (const duty of data.duty) {
    told.push({ id: duty.id, label: measureLabel(duty.id), value: (index) => word(duty.values, index), words: (index) => capital(dutyWord(word(duty.values, index))) });
  }
  return told;
}

function columnsOf(measure) {
  const [label, unit] = [measureLabel(measure.id), spoken(measure.unit)];
  const told = [{ id: measure.id, label, unit, numeric: true, value: (index) => valueOf(measure.id, index), words: (index) => valueWords(measure, index) }];
  if (measure.id in data.low) {
    const ends = (index) => intervalWords(measure, index);
    told.push({ id: measure.id + "_interval", label: t("table.interval", { label }), unit, value: ends, words: ends });
  }
  if (measure.id in data.reliability) {
    const firm = (index) => capital(say("reliability." + (word(data.reliability[measure.id], index) || "missing")));
    told.push({ id: measure.id + "_reliability", label: t("table.reliability", { label }), value: firm, words: firm });
  }
  if (hasClusters(measure.id)) {
    const cluster = (index) => word(data.clusters[measure.id], index) || "missing";
    told.push({
      id: measure.id + "_cluster", label: t("table.cluster", { label }), unit,
      value: cluster, words: (index) => letter(cluster(index)) || t("table." + cluster(index)),
    });
  }
  return told;
}

function zoneWord(index) {
  return capital(say("zone." + (word(data.zones, index) || "missing")));
}

function plainNumber(value) {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function orMissing(value) {
  return plainNumber(value) === null ? capital(say("status.missing")) : number(value);
}

function sortedRows(shown) {
  const rows = Array.from({ length: many }, (_, index) => index);
  const column = shown.find((one) => one.id === sorting.column);
  if (!column) return rows;
  const direction = sorting.down ? -1 : 1;
  const collator = new Intl.Collator(readable());
  const values = rows.map((index) => column.value(index));
  return rows.sort((one, other) => {
    const [first, second] = [values[one], values[other]];
    if (first === null || second === null) return (first === null) - (second === null) || one - other;
    const order = column.numeric ? first - second : collator.compare(String(first), String(second));
    return direction * order || one - other;
  });
}

function headCell(column, at) {
  const ordered = sorting.column === column.id;
  const button = el("button", { type: "button" }, column.label, column.unit ? el("small", {}, column.unit) : null);
  button.addEventListener("click", () => {
    Object.assign(sorting, { column: column.id, down: ordered ? !sorting.down : Boolean(column.numeric) });
    paintTable();
    byId("figures-body").querySelectorAll("th button")[at].focus();
  });
  return el("th", { scope: "col", "aria-sort": ordered ? (sorting.down ? "descending" : "ascending") : null }, button);
}

function paintTable() {
  const shown = columns();
  const rows = sortedRows(shown);
  const body = el("tbody");
  const more = el("button", { type: "button", class: "tool" });
  const extend = () => {
    const from = body.rows.length;
    for (const index of rows.slice(from, from + ROWS_AT_ONCE)) body.append(tableRow(shown, index));
    more.hidden = body.rows.length === rows.length;
    more.textContent = t("table.more", { shown: number(body.rows.length), total: number(rows.length) });
  };
  more.addEventListener("click", extend);
  extend();
  const download = el("button", { type: "button", class: "tool", id: "download" }, t("table.download"));
  download.addEventListener("click", () => saveFile("secequity.csv", csv(shown, rows)));
  const table = el("table", { class: "all" }, el("caption", { class: "unseen" }, t("tool.figures")), el("thead", {}, el("tr", {}, ...shown.map(headCell))), body);
  byId("figures-body").replaceChildren(el("p", {}, t("table.caption")), el("p", {}, download), table, more, ...postsTable());
}

function tableRow(shown, index) {
  return el("tr", {}, ...shown.map((column, at) => (at === 0
    ? el("th", { scope: "row" }, column.words(index))
    : el("td", column.numeric ? { class: "numeric" } : {}, column.words(index)))));
}

function csv(shown, rows) {
  const quoted = (words) => '"' + (FORMULA.test(words) ? "'" + words : words).replaceAll('"', '""') + '"';
  const cell = (column, index) => {
    const told = column.words(index);
    const words = typeof told === "string" ? told : told.textContent;
    const figure = column.numeric && column.value(index) !== null;
    return figure ? words.replaceAll(NARROW, "").replace(MINUS, "-") : quoted(words);
  };
  const head = shown.map((column) => quoted(column.unit ? column.label + " (" + column.unit + ")" : column.label));
  return [head, ...rows.map((index) => shown.map((column) => cell(column, index)))].map((row) => row.join(",") + "\r\n").join("");
}

function saveFile(name, words) {
  const address = URL.createObjectURL(new Blob(["\ufeff", words], { type: "text/csv;charset=utf-8" }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function postsTable() {
  if (!data.posts.length) return [];
  const rows = data.posts.map((post) => el("tr", {},
    el("th", { scope: "row" }, el("bdi", {}, post.name || capital(say("body." + post.body)))),
    el("td", {}, capital(say("body." + post.body))),
    el("td", { class: "numeric" }, post.amount === null ? capital(say("status.missing")) : number(post.amount)),
    el("td", {}, post.area < 0 ? t("post.outside") : named(post.area))));
  const head = ["posts.name", "posts.body", "posts.amount", "posts.area"].map((key) => el("th", { scope: "col" }, t(key)));
  return [el("table", { class: "all" }, el("caption", {}, t("posts.caption")), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows))];
}

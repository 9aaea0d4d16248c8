const ROWS_AT_ONCE = 250;
const sorting = { column: null, down: true };

function columns() {
  const fixedColumns = [
    { id: "name", label: t("table.name"), value: (index) => data.names[index], words: (index) => named(index) },
    { id: "zone", label: t("table.zone"), value: (index) => data.zones[index], words: (index) => capital(say("zone." + (data.zones[index] || "missing"))) },
    { id: "population", label: t("table.population"), numeric: true, value: (index) => data.population[index], words: (index) => number(data.population[index]) },
  ];
  const counted = [];
  const seen = new Set();
  for (const measure of data.measures) {
    if (measure.layer in data.amounts && !seen.has(measure.layer)) {
      seen.add(measure.layer);
      const label = t("amount", { label: measure.heading[state.language], counted: measure.counted[state.language] });
      counted.push({ id: measure.layer, label, numeric: true, value: (index) => data.amounts[measure.layer][index], words: (index) => amountWords(measure, index) });
    }
    const label = measureLabel(measure.id);
    counted.push({ id: measure.id, label, unit: measure.unit[state.language], numeric: true, value: (index) => data.values[measure.id][index], words: (index) => valueWords(measure, index) });
    if (!hasClusters(measure.id)) continue;
    const cluster = (index) => data.clusters[measure.id][index] || "missing";
    counted.push({
      id: measure.id + "_cluster", label: t("table.cluster", { label }), unit: measure.unit[state.language],
      value: cluster, words: (index) => letter(cluster(index)) || t("table." + cluster(index)),
    });
  }
  for (const duty of data.duty) {
    counted.push({ id: duty.id, label: measureLabel(duty.id), value: (index) => duty.values[index], words: (index) => capital(dutyWord(duty.values[index])) });
  }
  return [...fixedColumns, ...counted];
}

function sortedRows(shown) {
  const rows = data.ids.map((id, index) => index);
  const column = shown.find((one) => one.id === sorting.column);
  if (!column) return rows;
  const direction = sorting.down ? -1 : 1;
  return rows.sort((one, other) => {
    const [first, second] = [column.value(one), column.value(other)];
    if (first === null || second === null) return (first === null) - (second === null);
    const order = column.numeric ? first - second : String(first).localeCompare(String(second), state.language);
    return direction * order || one - other;
  });
}

function paintTable() {
  const shown = columns();
  const rows = sortedRows(shown);
  const head = el("tr", {}, ...shown.map((column) => {
    const ordered = sorting.column === column.id;
    const button = el("button", { type: "button" }, column.label, column.unit ? el("small", {}, column.unit) : null);
    button.addEventListener("click", () => {
      Object.assign(sorting, { column: column.id, down: ordered ? !sorting.down : Boolean(column.numeric) });
      paintTable();
      byId("figures-body").querySelectorAll("th button")[shown.indexOf(column)].focus();
    });
    return el("th", { scope: "col", "aria-sort": ordered ? (sorting.down ? "descending" : "ascending") : null }, button);
  }));
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
  const table = el("table", { class: "all" }, el("caption", { class: "unseen" }, t("tool.figures")), el("thead", {}, head), body);
  byId("figures-body").replaceChildren(el("p", {}, t("table.caption")), table, more, ...postsTable());
}

function tableRow(shown, index) {
  return el("tr", {}, ...shown.map((column, at) => (at === 0
    ? el("th", { scope: "row" }, column.words(index))
    : el("td", column.numeric ? { class: "numeric" } : {}, column.words(index)))));
}

function postsTable() {
  if (!data.posts.length) return [];
  const place = new Map(data.ids.map((id, index) => [id, index]));
  const rows = data.posts.map((post) => el("tr", {},
    el("th", { scope: "row" }, el("bdi", {}, post.name || capital(say("body." + post.body)))),
    el("td", {}, capital(say("body." + post.body))),
    el("td", { class: "numeric" }, post.amount === null ? capital(say("status.missing")) : number(post.amount)),
    el("td", {}, place.has(post.area) ? named(place.get(post.area)) : t("post.outside"))));
  const head = ["posts.name", "posts.body", "posts.amount", "posts.area"].map((key) => el("th", { scope: "col" }, t(key)));
  return [el("table", { class: "all" }, el("caption", {}, t("posts.caption")), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows))];
}

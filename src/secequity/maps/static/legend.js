function swatch(entry) {
  const picture = drawn("svg", { width: 30, height: 18, viewBox: "0 0 30 18", class: "swatch", "aria-hidden": "true" });
  picture.append(drawn("rect", { x: 0.5, y: 0.5, width: 29, height: 17, rx: 2, fill: entry.fill, stroke: "#6f6757", "stroke-opacity": 0.45 }));
  if (entry.letter) {
    const light = entry.key === "HH" || entry.key === "LL";
    const mark = drawn("text", { x: 15, y: 13, "text-anchor": "middle", class: light ? "swatch-light" : "swatch-dark" });
    mark.textContent = entry.letter;
    picture.append(mark);
  }
  return picture;
}

function paintLegend() {
  const body = byId("classes").tBodies[0];
  const head = byId("classes").tHead;
  head.replaceChildren(el("tr", {},
    el("th", { scope: "col", colspan: 2 }, t("legend.class")),
    el("th", { scope: "col" }, t("legend.areas")),
    el("th", { scope: "col" }, t("legend.people"))));
  body.replaceChildren(...categories().map((entry) => el("tr", { "data-key": entry.key, "data-fill": entry.fill },
    el("td", { class: "swatch-cell" }, swatch(entry)),
    el("th", { scope: "row" }, entry.label),
    el("td", { "data-count": entry.areas }, number(entry.areas)),
    el("td", { "data-people": entry.people }, number(Math.round(entry.people))))));
  byId("classing").textContent = classing();
  paintSymbols();
}

function classing() {
  if (state.measure === "zones") return t("classing.zones");
  const measure = measures.get(state.measure);
  if (state.view === "clusters" && hasClusters(measure.id)) {
    const { fdr, permutations } = data.options;
    const counted = { fdr: fdr === undefined ? "–" : number(100 * fdr), permutations: permutations === undefined ? "–" : number(permutations) };
    return t("classing.clusters", counted);
  }
  const { scheme, zero, bounds } = measure.classes;
  if (!bounds.length) return "";
  const parts = [t("classing." + scheme)];
  if (zero) parts.push(t("classing.zero"));
  if (measure.sharing.length) parts.push(t("classing.shared"));
  return parts.join(" ");
}

function paintSymbols() {
  const rows = [];
  if (state.overlays.centre && geometry.centre.length) {
    const line = drawn("svg", { width: 30, height: 14, "aria-hidden": "true" },
      drawn("path", { d: "M2 9 H28", stroke: "#17181c", "stroke-width": 2.6 }));
    rows.push(el("li", {}, line, el("span", {}, t("overlays.centre"))));
  }
  if (state.overlays.posts) {
    for (const body of new Set(data.posts.map((post) => post.body))) rows.push(postRow(body));
  }
  byId("symbols").replaceChildren(rows.length ? el("ul", {}, ...rows) : "");
}

function postRow(body) {
  const posts = data.posts.filter((post) => post.body === body);
  const amounts = posts.map((post) => post.amount).filter((amount) => amount !== null);
  const sizes = [...new Set([Math.min(...amounts), Math.max(...amounts)])].filter(Number.isFinite);
  const row = el("li", { class: "post-row" }, el("span", {}, t("posts.of", { body: say("body." + body), count: number(posts.length) })));
  const counted = data.measures.find((measure) => measure.layer === posts[0].layer && measure.kind === "coverage");
  const scale = el("span", { class: "sizes" });
  for (const amount of sizes.length ? sizes : [null]) {
    scale.append(el("span", {}, symbol(body, amount), amount === null ? "" : number(amount)));
  }
  if (counted && sizes.length) scale.append(el("span", {}, counted.counted[state.language]));
  row.append(scale);
  return row;
}

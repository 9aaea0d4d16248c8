function swatch(entry) {
  const picture = drawn("svg", { width: 30, height: 18, viewBox: "0 0 30 18", class: "swatch", "aria-hidden": "true" });
  if (entry.key === "unreliable") picture.append(drawn("rect", { x: 0.5, y: 0.5, width: 29, height: 17, rx: 2, fill: "#e9e3d6" }));
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
  const id = state.measure;
  const body = byId("classes").tBodies[0];
  const head = byId("classes").tHead;
  head.replaceChildren(el("tr", {},
    el("th", { scope: "col", colspan: 2 }, t("legend." + legendKind(id))),
    el("th", { scope: "col" }, t("legend.areas")),
    el("th", { scope: "col" }, t("legend.people"))));
  body.replaceChildren(...[...categories(id), ...flagged(id)].map((entry) => el("tr", { "data-key": entry.key, "data-fill": entry.fill },
    el("td", { class: "swatch-cell" }, swatch(entry)),
    el("th", { scope: "row" }, entry.label),
    el("td", { "data-count": entry.areas }, number(entry.areas)),
    el("td", { "data-people": entry.people }, number(Math.round(entry.people))))));
  byId("classing").textContent = classing(id);
  paintSymbols();
}

function shortLegend(id) {
  const entries = [...categories(id), ...flagged(id)];
  return el("ul", { class: "short-legend" }, ...entries.map((entry) => el("li", {}, swatch(entry), el("span", {}, entry.label))));
}

function flagged(id) {
  const flags = unreliable(id);
  if (!flags) return [];
  let [areas, people] = [0, 0];
  flags.forEach((flag, index) => {
    areas += flag;
    people += flag ? data.population[index] || 0 : 0;
  });
  return [{ key: "unreliable", fill: "url(#sq-unreliable)", label: t("legend.unreliable"), areas, people }];
}

function legendKind(id) {
  if (id === "zones") return "zone";
  if (duties.has(id)) return "duty";
  return { clusters: "cluster", mean: "apart", norm: "apart" }[viewOf(id)] || "class";
}

function classing(id) {
  if (id === "zones") return t("classing.zones");
  if (duties.has(id)) return dutyClassing(id);
  const measure = measures.get(id);
  const view = viewOf(id);
  if (view === "clusters") {
    const { fdr, permutations } = data.options;
    const counted = { fdr: fdr === undefined ? "–" : number(100 * fdr), permutations: permutations === undefined ? "–" : number(permutations) };
    return t("classing.clusters", counted);
  }
  const against = reference(measure, view);
  if (against) {
    const value = number(against, view === "mean" ? measure.classes.decimals : null);
    if (view === "mean") return t("classing.mean", { value });
    return t("classing.norm", { value, kind: say("norm." + data.norm.kind), source: data.norm.source });
  }
  const { scheme, zero, bounds } = measure.classes;
  if (!bounds.length) return "";
  const shared = measure.sharing.length ? { hours: "pooled", smoothed: "raw", coverage: "shared" }[measure.kind] : null;
  const parts = [t("classing." + (shared && scheme === "quantiles" ? shared : scheme))];
  if (zero && data.values[id].includes(0)) parts.push(t("classing.zero"));
  return parts.join(" ");
}

function dutyClassing(id) {
  const { words, codes } = duties.get(id).values;
  const present = new Set([...new Set(codes)].map((code) => words[code]));
  return [...["blind", "overlap", "cannot_tell"].filter((status) => present.has(status)), "posts"].map((key) => t("classing.duty." + key)).join(" ");
}

function paintSymbols() {
  const rows = state.overlays.posts ? [...new Set(data.posts.map((post) => post.body))].map(postRow) : [];
  byId("symbols").replaceChildren(rows.length ? el("ul", {}, ...rows) : "");
}

function postRow(body) {
  const posts = stands.filter((stand) => stand.body === body);
  const amounts = posts.map((stand) => stand.amount).filter((amount) => amount !== null);
  const sizes = [...new Set([Math.min(...amounts), Math.max(...amounts)])].filter(Number.isFinite);
  const row = el("li", {}, t("posts.of", { body: capital(say("body." + body)), count: number(posts.length) }));
  const scale = el("span", { class: "sizes" });
  for (const amount of sizes.length ? sizes : [null]) {
    scale.append(el("span", {}, symbol(body, amount), amount === null ? "" : number(amount)));
  }
  if (sizes.length) scale.append(el("span", {}, countedIn(posts[0].layer)));
  row.append(scale);
  return row;
}

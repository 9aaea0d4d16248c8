const KINDS = ["coverage", "smoothed", "hours"];

const INLINE_AT_MOST = 4;

function paintMeasures() {
  const of = (group) => data.measures.filter((measure) => measure.group === group);
  const word = (one) => (one.option && spoken(one.option)) || spoken(one.label);
  const parts = [
    layerGrid(of("layer")),
    choiceGroup("joined", of("joined"), (one) => spoken(one.label)),
    choiceGroup("shifts", of("shifts"), word, true),
    choiceGroup("duty", data.duty, word, true),
    conditions(of("covariate")),
    data.zones.codes.some((code) => code > 0) ? el("div", { class: "single" }, measureChoice("zones", measureLabel("zones"))) : null,
  ];
  byId("measures").replaceChildren(...parts.filter(Boolean));
}

function layerGrid(ofLayers) {
  if (!ofLayers.length) return null;
  const kinds = KINDS.filter((kind) => ofLayers.some((measure) => measure.kind === kind));
  const layers = [...new Set(ofLayers.map((measure) => measure.layer))];
  const rows = layers.map((layer) => {
    const own = ofLayers.filter((measure) => measure.layer === layer);
    const heading = spoken(own[0].heading);
    const cells = kinds.map((kind) => el("td", {}, gridChoice(own.find((measure) => measure.kind === kind), heading)));
    return el("tr", {}, el("th", { scope: "row" }, heading), ...cells);
  });
  const head = el("tr", {}, el("th", { scope: "col" }, el("span", { class: "unseen" }, t("choose.layer"))), ...kinds.map((kind) => el("th", { scope: "col" }, t("choose." + kind))));
  return el("fieldset", {}, el("legend", {}, t("choose.layers")), el("table", { class: "grid" }, el("thead", {}, head), el("tbody", {}, ...rows)));
}

function gridChoice(measure, heading) {
  if (!measure) return "";
  const kind = t("choose." + measure.kind);
  const own = spoken(measure.label);
  const name = own === heading ? heading + ": " + kind : own;
  return el("label", { title: name }, measureInput(measure.id), el("span", { class: "unseen" }, name));
}

function choiceGroup(key, offered, words, inline = false) {
  if (!offered.length) return null;
  const choices = offered.map((one) => measureChoice(one.id, words(one)));
  return el("fieldset", { class: inline ? "inline" : "" }, el("legend", {}, t("choose." + key)), ...choices);
}

function conditions(offered) {
  if (!offered.length) return null;
  const layers = new Set(data.measures.map((measure) => measure.layer)).size;
  const open = offered.length <= INLINE_AT_MOST || layers <= INLINE_AT_MOST || offered.some((one) => one.id === state.measure);
  const choices = offered.map((one) => measureChoice(one.id, spoken(one.label)));
  return el("details", { class: "more-choices", open }, el("summary", {}, t("choose.covariate"), el("small", {}, number(offered.length))),
    el("fieldset", {}, el("legend", { class: "unseen" }, t("choose.covariate")), ...choices));
}

function measureInput(id) {
  const input = el("input", { type: "radio", name: "measure", value: id, checked: state.measure === id });
  input.addEventListener("change", () => {
    state.measure = id;
    repaint();
  });
  return input;
}

function measureChoice(id, label) {
  return el("label", {}, measureInput(id), el("span", {}, label));
}

function paintOverlays() {
  const offered = [];
  if (ground.centre.starts.length > 1) offered.push("centre");
  if (data.posts.length) offered.push("posts");
  offered.push("names");
  if (data.basemap) offered.push("basemap");
  byId("overlays").replaceChildren(...offered.map((name) => {
    const input = el("input", { type: "checkbox", name: "overlay", value: name, checked: state.overlays[name] });
    input.addEventListener("change", () => {
      state.overlays[name] = input.checked;
      repaint();
    });
    return el("label", {}, input, el("span", {}, t("overlays." + name)), name === "centre" ? lineKey() : null);
  }));
}

function lineKey() {
  const line = drawn("path", { d: "M1 5 H23", stroke: "#17181c", "stroke-width": 2.6 });
  return drawn("svg", { width: 24, height: 10, class: "line-key", "aria-hidden": "true" }, line);
}

function paintViews() {
  const offered = offeredViews(state.measure);
  byId("views").hidden = offered.length < 2;
  const shown = viewOf(state.measure);
  for (const input of byId("views").querySelectorAll("input")) {
    input.checked = input.value === shown;
    input.closest("label").hidden = !offered.includes(input.value);
  }
}

function paintWords() {
  const language = readable();
  document.documentElement.lang = language;
  document.title = data.title[language];
  byId("study-title").textContent = data.title[language];
  byId("finding").textContent = data.headline[language][0];
  byId("doubt").textContent = data.headline[language][1];
  for (const name of ["note", "firm"]) {
    const words = data[name === "note" ? "note" : "firmness"][language];
    byId(name).textContent = words;
    byId(name).hidden = !words;
  }
  for (const node of document.querySelectorAll("[data-t]")) {
    node.textContent = t(node.dataset.t);
    const own = state.language !== language && "map." + node.dataset.t in data.texts[state.language];
    node.toggleAttribute("lang", own);
    if (own) node.lang = state.language;
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.label);
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.hidden = !data.languages.includes(button.dataset.language);
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  }
  byId("search").placeholder = t("search.example", { name: data.names[0] || "" });
  const people = data.population.reduce((sum, one) => sum + (one || 0), 0);
  byId("imprint").textContent = t("imprint", { areas: number(many), people: number(Math.round(people)) });
}

function paintReading() {
  const told = [
    "what", "classes", "absent", "apart", "clusters", ...(Object.keys(data.reliability).length ? ["unreliable"] : []), "smoothed", "chance", "curve",
    ...(data.duty.length ? ["duty"] : []), ...(data.claims.length ? ["claims"] : []), "compare", "posts", "share", "keys",
  ];
  const points = told.map((key) => [
    el("h3", {}, t("reading." + key + ".title")), el("p", {}, t("reading." + key)),
  ]);
  byId("reading-body").replaceChildren(...points.flat());
}

function paintSources() {
  const parts = [el("p", {}, t("sources.origin"))];
  if (data.sources.length) {
    const present = ["file", "use", "rows", "modified", "sha256"].filter((key) => key in data.sources[0]);
    const head = el("tr", {}, ...present.map((key) => el("th", { scope: "col" }, t("sources." + key))));
    const cell = (value) => (value === null ? "–" : typeof value === "number" ? number(value) : value);
    const rows = data.sources.map((source) => el("tr", {}, ...present.map((key) => el("td", {}, el("bdi", {}, cell(source[key]))))));
    parts.push(el("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": t("sources.files") },
      el("table", { class: "all" }, el("caption", {}, t("sources.files")), el("thead", {}, head), el("tbody", {}, ...rows))));
  }
  const notices = spoken(data.notices);
  if (notices.length) parts.push(el("h3", {}, t("sources.notices")), el("ul", {}, ...notices.map((notice) => el("li", {}, el("bdi", {}, notice)))));
  parts.push(el("h3", {}, t("sources.method.title")), el("p", {}, t("sources.method", methodWords())));
  parts.push(el("h3", {}, t("sources.limits.title")), el("p", {}, t("sources.limits")), el("p", {}, t("sources.privacy")));
  parts.push(el("h3", {}, t("sources.licence.title")), el("p", {}, t("sources.licence")));
  byId("sources-body").replaceChildren(...parts);
}

function methodWords() {
  const { weights, permutations, fdr, level, seed, crs } = data.options;
  const told = { permutations, fdr: fdr === undefined ? undefined : 100 * fdr, level: level === undefined ? undefined : 100 * level, seed };
  const written = Object.entries(told).map(([key, value]) => [key, value === undefined ? "–" : key === "seed" ? String(value) : number(value)]);
  return { ...Object.fromEntries(written), weights: weights || "–", crs: crs || "–" };
}

const PAINTED_ON_OPENING = { reading: paintReading, figures: paintTable, sources: paintSources };

function installControls() {
  for (const input of byId("views").querySelectorAll("input")) {
    input.addEventListener("change", () => {
      state.view = input.value;
      repaint();
    });
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      state.language = button.dataset.language;
      respeak();
    });
  }
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => {
      PAINTED_ON_OPENING[button.dataset.opens]();
      byId(button.dataset.opens).showModal();
    });
  }
  for (const button of document.querySelectorAll("[data-closes]")) {
    button.addEventListener("click", () => byId(button.dataset.closes).close());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
  installCompare();
  installShifts();
  byId("print").addEventListener("click", () => window.print());
  if (window.matchMedia("(max-width: 43.99em)").matches) byId("chooser").open = false;
}

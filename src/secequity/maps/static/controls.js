const KINDS = ["coverage", "hours", "smoothed"];

function paintMeasures() {
  const layers = new Map();
  const joined = [];
  for (const measure of data.measures.filter((one) => KINDS.includes(one.kind))) {
    if (!measure.layer) joined.push(measure.id);
    else layers.set(measure.layer, [...(layers.get(measure.layer) || []), measure]);
  }
  const groups = [...layers.values()].map(layerGroup);
  const covariates = data.measures.filter((measure) => measure.kind === "covariate").map((measure) => measure.id);
  const zones = data.zones.some((zone) => zone !== null) ? ["zones"] : [];
  for (const [key, ids] of [["choose.joined", joined], ["choose.covariate", covariates], ["choose.zones", zones]]) {
    if (ids.length) groups.push(el("fieldset", {}, el("legend", {}, t(key)), ...ids.map((id) => measureChoice(id, measureLabel(id)))));
  }
  byId("measures").replaceChildren(...groups);
}

function layerGroup(ofLayer) {
  const ordered = [...ofLayer].sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
  const shared = ordered[0].label[state.language];
  const choices = ordered.map((measure) => {
    const own = measure.label[state.language] !== shared;
    return measureChoice(measure.id, own ? measure.label[state.language] : t("choose." + measure.kind));
  });
  return el("fieldset", { class: "layer" }, el("legend", {}, shared), ...choices);
}

function measureChoice(id, label) {
  const input = el("input", { type: "radio", name: "measure", value: id, checked: state.measure === id });
  input.addEventListener("change", () => {
    state.measure = id;
    repaint();
  });
  return el("label", {}, input, el("span", {}, label));
}

function paintOverlays() {
  const offered = [];
  if (geometry.centre.length) offered.push("centre");
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
  const able = state.measure !== "zones" && hasClusters(state.measure);
  byId("views").hidden = !able;
  for (const input of byId("views").querySelectorAll("input")) input.checked = input.value === (able ? state.view : "value");
}

function paintWords() {
  document.documentElement.lang = state.language;
  document.title = data.title[state.language];
  byId("study-title").textContent = data.title[state.language];
  byId("finding").textContent = data.headline[state.language][0];
  byId("doubt").textContent = data.headline[state.language][1];
  byId("note").textContent = data.note[state.language];
  byId("note").hidden = !data.note[state.language];
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.label);
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  }
  byId("search").placeholder = t("search.example", { name: data.names[0] || "" });
  byId("imprint").textContent = t("imprint", { areas: number(data.ids.length), people: number(Math.round(data.population.reduce((sum, one) => sum + (one || 0), 0))) });
}

function paintReading() {
  const points = ["what", "classes", "absent", "clusters", "smoothed", "chance", "posts", "keys"].map((key) => [
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
  const notices = data.notices[state.language];
  if (notices.length) parts.push(el("h3", {}, t("sources.notices")), el("ul", {}, ...notices.map((notice) => el("li", {}, el("bdi", {}, notice)))));
  parts.push(el("h3", {}, t("sources.limits.title")), el("p", {}, t("sources.limits")), el("p", {}, t("sources.privacy")));
  parts.push(el("h3", {}, t("sources.licence.title")), el("p", {}, t("sources.licence")));
  byId("sources-body").replaceChildren(...parts);
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
  byId("print").addEventListener("click", () => window.print());
  if (window.matchMedia("(max-width: 43.99em)").matches) byId("chooser").open = false;
}

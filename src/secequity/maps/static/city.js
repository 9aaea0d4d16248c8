const measures = new Map(data.measures.map((measure) => [measure.id, measure]));
const duties = new Map(data.duty.map((duty) => [duty.id, duty]));
const DUTIES = ["blind", "served", "overlap", "cannot_tell", "missing"];
const ABSENT = ["suppressed", "uncovered", "missing"];
const CLUSTERS = ["HH", "LL", "HL", "LH", "ns", "isolate", "missing"];
const ZONES = ["centre", "periphery", "missing"];

const PALETTES = {
  coverage: ["#cde5e2", "#8cc4c6", "#479aab", "#1f6a87", "#0c3757"],
  hours: ["#dcebc5", "#a6cf93", "#62ac71", "#2b8058", "#0b4a3b"],
  context: ["#fde9c4", "#f8c37d", "#e8924d", "#c25a2c", "#7f2a14"],
};
const ZERO = "#f4e0b8";
const ABSENCE = { missing: "url(#sq-missing)", suppressed: "url(#sq-suppressed)", uncovered: "url(#sq-uncovered)" };
const CLUSTER_FILL = {
  HH: "#54378f", LL: "#d4620a", HL: "url(#sq-hl)", LH: "url(#sq-lh)",
  ns: "#e5e3dc", isolate: "url(#sq-isolate)", missing: "url(#sq-missing)",
};
const ZONE_FILL = { centre: "#1f6a87", periphery: "#ecc98b", missing: "url(#sq-missing)" };

const DUTY_FILL = {
  blind: "url(#sq-blind)", served: "#a9d3cf", overlap: "url(#sq-overlap)", cannot_tell: "url(#sq-unsure)", missing: "url(#sq-missing)",
};

function decoded(polygons) {
  return polygons.map((rings) => rings.map((steps) => {
    const ring = [];
    let x = 0;
    let y = 0;
    for (let at = 0; at < steps.length; at += 2) {
      x += steps[at];
      y += steps[at + 1];
      ring.push([y / geometry.scale, x / geometry.scale]);
    }
    return ring;
  }));
}

const anchors = geometry.anchors.map(([x, y, room]) => ({ lat: y / geometry.scale, lng: x / geometry.scale, room }));

function fills(classes, palette) {
  const colours = PALETTES[palette];
  const many = classes.bounds.length;
  const chosen = { 1: [2], 2: [1, 3], 3: [0, 2, 4], 4: [0, 1, 3, 4], 5: [0, 1, 2, 3, 4] }[many] || [];
  return classes.zero && many ? colours.slice(colours.length - many) : chosen.map((at) => colours[at]);
}

function absence(measure, index) {
  const found = measure.layers.map((layer) => (data.status[layer] || [])[index]);
  return ABSENT.find((status) => found.includes(status)) || "missing";
}

function valueCategory(measure, index) {
  const value = data.values[measure.id][index];
  if (value === null) return absence(measure, index);
  if (measure.classes.zero && value === 0) return "zero";
  const at = measure.classes.bounds.findIndex((bound) => value <= bound);
  return "class" + (at < 0 ? measure.classes.bounds.length - 1 : at);
}

function hasClusters(id) {
  return id in data.clusters;
}

function category(index) {
  if (state.measure === "zones") return data.zones[index] || "missing";
  if (duties.has(state.measure)) return duties.get(state.measure).values[index] || "missing";
  const measure = measures.get(state.measure);
  if (state.view === "clusters" && hasClusters(measure.id)) return data.clusters[measure.id][index] || "missing";
  return valueCategory(measure, index);
}

function spread(measure) {
  const { bounds, decimals, zero } = measure.classes;
  const own = data.values[measure.id].filter((value) => value !== null && !(zero && value === 0));
  const [low, high] = own.length ? [own.reduce((a, b) => Math.min(a, b)), own.reduce((a, b) => Math.max(a, b))] : [null, null];
  const fraction = decimals === null && bounds.slice(0, -1).some((value) => !Number.isInteger(value));
  const shown = (value) => number(value, fraction && Math.abs(value) < 100 ? 2 : decimals);
  if (measure.classes.scheme === "unique" && measure.kind !== "smoothed") return bounds.map((bound) => shown(bound));
  return bounds.map((bound, at) => {
    const from = shown(at ? bounds[at - 1] : low);
    const to = shown(at === bounds.length - 1 && high !== null ? high : bound);
    return from === to ? from : from + " – " + to;
  });
}

function categories() {
  let listed;
  if (state.measure === "zones") {
    listed = ZONES.map((zone) => ({ key: zone, fill: ZONE_FILL[zone], label: capital(say("zone." + zone)) }));
  } else if (duties.has(state.measure)) {
    listed = DUTIES.map((key) => ({ key, fill: DUTY_FILL[key], label: capital(dutyWord(key)) }));
  } else {
    const measure = measures.get(state.measure);
    listed = state.view === "clusters" && hasClusters(measure.id) ? clusterCategories() : valueCategories(measure);
  }
  const kept = new Map(listed.map((one) => [one.key, { ...one, areas: 0, people: 0 }]));
  data.ids.forEach((id, index) => {
    const entry = kept.get(category(index));
    entry.areas += 1;
    entry.people += data.population[index] || 0;
  });
  return [...kept.values()].filter((one) => one.areas > 0);
}

function dutyWord(status) {
  return status === "missing" || status === null ? say("status.missing") : say("duty." + status);
}

function clusterCategories() {
  return CLUSTERS.map((key) => ({
    key, fill: CLUSTER_FILL[key], label: capital(say("cluster." + key)), letter: letter(key),
  }));
}

function valueCategories(measure) {
  const colours = fills(measure.classes, measure.palette);
  const ranges = spread(measure);
  const classes = ranges.map((label, at) => ({ key: "class" + at, fill: colours[at], label }));
  const zero = measure.classes.zero ? [{ key: "zero", fill: ZERO, label: zeroLabel(measure) }] : [];
  const absent = ABSENT.map((key) => ({ key, fill: ABSENCE[key], label: capital(say("status." + key)) }));
  return [...zero, ...classes, ...absent];
}

function zeroLabel(measure) {
  return measure.kind === "covariate" ? "0" : t("legend.zero");
}

function letter(cluster) {
  return ["HH", "LL", "HL", "LH"].includes(cluster) ? t("letter." + cluster) : "";
}

function measureLabel(id) {
  if (id === "zones") return t("zones.title");
  return (duties.get(id) || measures.get(id)).label[state.language];
}

function valueWords(measure, index) {
  const value = data.values[measure.id][index];
  if (value === null) return capital(say("status." + absence(measure, index)));
  return number(value, value !== 0 && measure.classes.decimals !== null ? measure.classes.decimals : null);
}

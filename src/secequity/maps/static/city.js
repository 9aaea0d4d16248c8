const measures = new Map(data.measures.map((measure) => [measure.id, measure]));
const duties = new Map(data.duty.map((duty) => [duty.id, duty]));
const DUTIES = ["blind", "served", "overlap", "cannot_tell", "missing"];
const ABSENT = ["suppressed", "uncovered", "missing"];
const CLUSTERS = ["HH", "LL", "HL", "LH", "ns", "isolate", "missing"];
const ZONES = ["centre", "periphery", "missing"];
const APART = [0.5, 0.9, 1.1, 2];
const UNRELIABLE = ["few_people", "few_events", "nobody"];

const many = data.ids.length;
const ABSENCE = { missing: "url(#sq-missing)", suppressed: "url(#sq-suppressed)", uncovered: "url(#sq-uncovered)" };
const CLUSTER_FILL = {
  HH: "#54378f", LL: "#d4620a", HL: "url(#sq-hl)", LH: "url(#sq-lh)",
  ns: "#e5e3dc", isolate: "url(#sq-isolate)", missing: "url(#sq-missing)",
};
const ZONE_FILL = { centre: data.palette.zone.centre, periphery: "#ecc98b", missing: "url(#sq-missing)" };
const DUTY_FILL = {
  blind: "url(#sq-blind)", served: "#a9d3cf", overlap: "url(#sq-overlap)", cannot_tell: "url(#sq-unsure)", missing: "url(#sq-missing)",
};

function word(column, index) {
  return column ? column.words[column.codes[index]] : null;
}

function valueOf(id, index) {
  const value = data.values[id][index];
  return Number.isNaN(value) ? null : value;
}

function fills(measure) {
  const colours = data.palette.ramps[measure.kind];
  const classes = measure.classes.bounds.length;
  if (measure.classes.zero && classes) return colours.slice(colours.length - classes);
  return data.palette.steps[classes].map((at) => colours[at]);
}

function absence(layers, index) {
  const found = layers.map((layer) => word(data.status[layer], index));
  return ABSENT.find((status) => found.includes(status)) || "missing";
}

function hasClusters(id) {
  return id in data.clusters;
}

function reference(measure, view) {
  if (view === "mean") return measure.mean;
  return view === "norm" && data.norm && measure.official ? (data.norm.value * measure.people) / 1000 : null;
}

function offeredViews(id) {
  const measure = measures.get(id);
  if (!measure) return ["value"];
  const apart = ["mean", "norm"].filter((view) => reference(measure, view) > 0);
  return ["value", ...apart, ...(hasClusters(id) ? ["clusters"] : [])];
}

function viewOf(id) {
  return offeredViews(id).includes(state.view) ? state.view : "value";
}

const sorted = new Map();

function sortedBy(id) {
  const view = viewOf(id);
  const name = id + "|" + view;
  if (!sorted.has(name)) sorted.set(name, sortOut(id, view));
  return sorted.get(name);
}

function recoded(column, keys) {
  const missing = keys.indexOf("missing");
  const places = column.words.map((one) => (keys.includes(one) ? keys.indexOf(one) : missing));
  return { keys, codes: column.codes.map((code) => places[code]) };
}

function sortOut(id, view) {
  if (id === "zones") return recoded(data.zones, ZONES);
  if (duties.has(id)) return recoded(duties.get(id).values, DUTIES);
  if (view === "clusters") return recoded(data.clusters[id], CLUSTERS);
  return inClasses(measures.get(id), view);
}

function inClasses(measure, view) {
  const against = reference(measure, view);
  const cuts = against ? APART.map((share) => share * against) : [...measure.classes.cuts];
  const classes = against ? APART.length + 1 : cuts.length;
  const zero = !against && measure.classes.zero;
  const keys = [...(zero ? ["zero"] : []), ...Array.from({ length: classes }, (_, at) => (against ? "apart" : "class") + at), ...ABSENT];
  const first = zero ? 1 : 0;
  const values = data.values[measure.id];
  const codes = new Uint8Array(many);
  for (let index = 0; index < many; index += 1) {
    const value = values[index];
    if (Number.isNaN(value)) codes[index] = first + classes + ABSENT.indexOf(absence(measure.layers, index));
    else if (zero && value === 0) codes[index] = 0;
    else {
      let at = 0;
      while (at < classes - 1 && value > cuts[at]) at += 1;
      codes[index] = first + at;
    }
  }
  return { keys, codes };
}

function category(id, index) {
  const { keys, codes } = sortedBy(id);
  return keys[codes[index]];
}

function unreliable(id) {
  const column = data.reliability[id];
  if (!column || viewOf(id) === "clusters") return null;
  const flagged = column.words.map((one) => (UNRELIABLE.includes(one) ? 1 : 0));
  return column.codes.map((code) => flagged[code]);
}

function extent(values, zero) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isNaN(value) || (zero && value === 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [null, null] : [low, high];
}

function spread(measure) {
  const { bounds, decimals, zero } = measure.classes;
  const [low, high] = extent(data.values[measure.id], zero);
  const fraction = decimals === null && bounds.slice(0, -1).some((value) => !Number.isInteger(value));
  const shown = (value) => number(value, fraction && Math.abs(value) < 100 ? 2 : decimals);
  if (measure.classes.scheme === "unique" && measure.kind !== "smoothed") return bounds.map((bound) => shown(bound));
  return bounds.map((bound, at) => {
    const from = shown(at ? bounds[at - 1] : low);
    const to = shown(at === bounds.length - 1 && high !== null ? high : bound);
    return from === to ? from : from + " – " + to;
  });
}

function listed(id) {
  if (id === "zones") return ZONES.map((zone) => ({ key: zone, fill: ZONE_FILL[zone], label: capital(say("zone." + zone)) }));
  if (duties.has(id)) return DUTIES.map((key) => ({ key, fill: DUTY_FILL[key], label: capital(dutyWord(key)) }));
  if (viewOf(id) === "clusters") {
    return CLUSTERS.map((key) => ({ key, fill: CLUSTER_FILL[key], label: capital(say("cluster." + key)), letter: letter(key) }));
  }
  return valueCategories(measures.get(id));
}

function categories(id) {
  const { keys, codes } = sortedBy(id);
  const areas = new Array(keys.length).fill(0);
  const people = new Array(keys.length).fill(0);
  for (let index = 0; index < many; index += 1) {
    areas[codes[index]] += 1;
    people[codes[index]] += data.population[index] || 0;
  }
  const entries = new Map(listed(id).map((one) => [one.key, one]));
  return keys.map((key, at) => ({ ...entries.get(key), areas: areas[at], people: people[at] })).filter((one) => one.areas > 0);
}

function dutyWord(status) {
  return status === "missing" || status === null ? say("status.missing") : say("duty." + status);
}

function valueCategories(measure) {
  const absent = ABSENT.map((key) => ({ key, fill: ABSENCE[key], label: capital(say("status." + key)) }));
  const against = reference(measure, viewOf(measure.id));
  if (against) {
    return [...data.palette.apart.map((fill, at) => ({ key: "apart" + at, fill, label: t("apart." + at) })), ...absent];
  }
  const colours = fills(measure);
  const classes = spread(measure).map((label, at) => ({ key: "class" + at, fill: colours[at], label }));
  const zero = measure.classes.zero ? [{ key: "zero", fill: data.palette.zero, label: zeroLabel(measure) }] : [];
  return [...zero, ...classes, ...absent];
}

function zeroLabel(measure) {
  return ["covariate", "share"].includes(measure.kind) ? "0" : t("legend.zero");
}

function letter(cluster) {
  return ["HH", "LL", "HL", "LH"].includes(cluster) ? t("letter." + cluster) : "";
}

function measureLabel(id) {
  if (id === "zones") return t("zones.title");
  return spoken((duties.get(id) || measures.get(id)).label);
}

function measureUnit(id) {
  const measure = measures.get(id);
  if (!measure) return t(duties.has(id) ? "duty.unit" : "zones.unit");
  const view = viewOf(id);
  if (view === "clusters") return t("views.clusters.unit");
  const against = reference(measure, view);
  if (!against) return spoken(measure.unit);
  return t("apart.unit." + view, { value: number(against), unit: spoken(measure.unit) });
}

function valueWords(measure, index) {
  const value = valueOf(measure.id, index);
  if (value === null) return capital(say("status." + absence(measure.layers, index)));
  return number(value, value !== 0 && measure.classes.decimals !== null ? measure.classes.decimals : null);
}

const state = {
  language: data.language,
  measure: data.leading || (data.measures.length ? data.measures[0].id : "zones"),
  view: "value",
  compare: "",
  chosen: null,
  hovered: null,
  lit: null,
  overlays: { centre: true, posts: true, names: false, basemap: false },
};

const NARROW = "\u202f";
const MINUS = "\u2212";

function fixed(value, decimals) {
  const scaled = value * 10 ** decimals;
  const floor = Math.floor(scaled);
  const tie = Number.isInteger(value * 2 ** (decimals + 1)) && scaled - floor === 0.5;
  if (tie) return ((floor % 2 === 0 ? floor : floor + 1) / 10 ** decimals).toFixed(decimals);
  return value.toFixed(decimals);
}

function usualDecimals(size) {
  if (size > 0 && size < 0.1) return Math.min(1 - Math.floor(Math.log10(size)), 6);
  if (size >= 1000 || Number.isInteger(size)) return 0;
  return size >= 100 ? 1 : 2;
}

function number(value, decimals = null) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const places = decimals !== null ? decimals : usualDecimals(size);
  const [whole, fraction] = fixed(size, places).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, NARROW);
  return (value < 0 ? MINUS : "") + grouped + (fraction ? "." + fraction : "");
}

function alike(values, decimals = null) {
  const known = values.filter((value) => value !== null);
  const largest = Math.max(0, ...known.map(Math.abs));
  const whole = known.every(Number.isInteger);
  const places = decimals !== null ? decimals : largest < 100 ? 2 : largest < 1000 ? 1 : 0;
  const own = (value) => (Math.abs(value) < 10 ? Math.max(places, usualDecimals(Math.abs(value))) : places);
  return values.map((value) => number(value, whole || !value ? null : own(value)));
}

function say(key, values = {}) {
  const sentence = data.texts[state.language][key] || data.texts[readable()][key];
  if (sentence === undefined) return key;
  return sentence.replace(/\{(\w+)\}/g, (blank, name) => (name in values ? String(values[name]) : blank));
}

function readable() {
  return state.language in data.title ? state.language : "es";
}

function spoken(byLanguage) {
  return byLanguage[readable()];
}

function t(key, values = {}) {
  return say("map." + key, values);
}

function capital(words) {
  return words.charAt(0).toLocaleUpperCase(readable()) + words.slice(1);
}

function chance(p) {
  if (p < 0.001) return "p\u00a0<\u00a00.001";
  return "p\u00a0=\u00a0" + number(p, p < 0.01 || (p >= 0.045 && p < 0.055) ? 3 : 2);
}

function chanceAt(id, index) {
  const p = word(data.p_fdr[id], index);
  return p === null ? null : chance(p);
}

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function named(index) {
  return el("bdi", {}, data.names[index]);
}

const byId = (id) => document.getElementById(id);

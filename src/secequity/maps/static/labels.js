const LINE = 14;
const SPILL = 6.5;
const LETTER_LEAST = 7;
const NAMES_AT_MOST = 160;
const SYMBOL = {
  police: { colour: "#16202f", path: (r) => `M ${-r} 0 A ${r} ${r} 0 1 0 ${r} 0 A ${r} ${r} 0 1 0 ${-r} 0 Z` },
  serenazgo: { colour: "#9a1750", path: (r) => `M 0 ${-1.25 * r} L ${1.25 * r} 0 L 0 ${1.25 * r} L ${-1.25 * r} 0 Z` },
  other: { colour: "#3f6212", path: (r) => `M ${-r} ${-r} H ${r} V ${r} H ${-r} Z` },
};

const pins = L.layerGroup();
const wholeBounds = L.latLngBounds(latLngOf(ground.grid.left, ground.grid.top), latLngOf(ground.grid.right, ground.grid.bottom));
const stands = standing();
const most = stands.reduce((top, stand) => Math.max(top, stand.amount || 0), 1);

function standing() {
  const places = new Map();
  for (const post of data.posts) {
    const place = [post.body, post.name, post.lat, post.lon].join("|");
    if (!places.has(place)) places.set(place, { ...post, told: [] });
    places.get(place).told.push([post.layer, post.amount]);
  }
  return [...places.values()];
}

function countedIn(layer) {
  const measure = data.measures.find((one) => one.layer === layer && one.kind === "coverage");
  return measure ? spoken(measure.counted) : "";
}

function postRadius(amount) {
  return 3.5 + 8.5 * Math.sqrt(Math.max(0, amount || 0) / most);
}

function sizePosts(map) {
  const size = map.getSize();
  const room = 0.1 * Math.sqrt((size.x * size.y) / Math.max(1, stands.length));
  const nearer = 2 ** (0.45 * (map.getZoom() - map.getBoundsZoom(wholeBounds)));
  const scale = Math.max(0.4, Math.min(1.35, (room / 12) * Math.max(1, nearer)));
  document.documentElement.style.setProperty("--post-scale", scale.toFixed(2));
}

function symbol(body, amount) {
  const { colour, path } = SYMBOL[body] || SYMBOL.other;
  const radius = postRadius(amount);
  const half = Math.ceil(1.25 * radius + 2);
  const mark = drawn("path", { d: path(radius), fill: colour, "fill-opacity": amount === null ? 0.15 : 0.88, stroke: "#ffffff", "stroke-width": 1.6 });
  return drawn("svg", { width: 2 * half, height: 2 * half, viewBox: `${-half} ${-half} ${2 * half} ${2 * half}`, class: "symbol", "aria-hidden": "true" }, mark);
}

function paintPosts() {
  const ordered = [...stands].sort((one, other) => (other.amount || 0) - (one.amount || 0));
  for (const post of ordered) {
    const picture = symbol(post.body, post.amount);
    const half = Number(picture.getAttribute("width")) / 2;
    const icon = L.divIcon({ html: el("span", {}, picture), className: "post", iconSize: [2 * half, 2 * half], iconAnchor: [half, half] });
    const pin = L.marker([post.lat, post.lon], { icon, pane: "posts", keyboard: false });
    pin.on("mouseover click", (event) => {
      L.DomEvent.stopPropagation(event);
      showTip(main.map, main.map.mouseEventToContainerPoint(event.originalEvent), postWords(post));
    });
    pin.on("mouseout", hideTip);
    pins.addLayer(pin);
  }
}

function postWords(stand) {
  const body = capital(say("body." + stand.body));
  const lines = [el("strong", {}, el("bdi", {}, stand.name || body))];
  if (stand.name) lines.push(el("span", {}, body));
  for (const [layer, amount] of stand.told) {
    const measure = stand.told.length > 1 ? data.measures.find((one) => one.layer === layer) : null;
    const label = measure ? spoken(measure.label) + ": " : "";
    lines.push(el("span", {}, label + (amount === null ? capital(say("status.missing")) : number(amount) + "\u00a0" + countedIn(layer))));
  }
  if (stand.area < 0) lines.push(el("span", {}, t("post.outside")));
  return lines;
}

const ruler = document.createElement("canvas").getContext("2d");

function widthOf(words) {
  ruler.font = "600 11.5px " + getComputedStyle(document.body).fontFamily;
  return ruler.measureText(words).width;
}

function wrapped(words, widest) {
  const lines = [];
  for (const word of words.split(/\s+/)) {
    const last = lines.length - 1;
    if (last >= 0 && widthOf(lines[last] + " " + word) <= widest) lines[last] += " " + word;
    else lines.push(word);
  }
  return lines;
}

function fitting(index, room) {
  if (SPILL * room < 2 * LINE) return null;
  for (const width of [2.6, 3.6, 4.6]) {
    const lines = wrapped(data.names[index], width * room);
    const longest = Math.max(...lines.map(widthOf));
    const height = lines.length * LINE;
    if (longest ** 2 + height ** 2 <= (SPILL * room) ** 2) return { lines, width: longest, height };
  }
  return null;
}

function overlapping(box, boxes) {
  return boxes.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
}

function labelled(sheet, index, room) {
  const id = sheet.measure();
  if (measures.has(id) && viewOf(id) === "clusters") {
    const found = letter(category(id, index));
    if (found) return room < LETTER_LEAST ? null : { lines: [found], width: 16, height: 14, mark: category(id, index) };
  }
  return state.overlays.names ? fitting(index, room) : null;
}

const byRoom = Array.from({ length: many }, (_, index) => index).sort((one, other) => ground.rooms[other] - ground.rooms[one]);

function paintLabels(sheet) {
  const { map } = sheet;
  const pane = map.getPane("names");
  pane.replaceChildren();
  if (!state.overlays.names && viewOf(sheet.measure()) !== "clusters") return;
  const { size, left, top } = scaleAt(map.getZoom());
  const view = map.getPixelBounds();
  const origin = map.getPixelOrigin();
  const metres = (2 * HALF * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (256 * 2 ** map.getZoom());
  const boxes = [];
  for (const index of byRoom) {
    const room = ground.rooms[index] / metres;
    if (boxes.length >= NAMES_AT_MOST || room < LETTER_LEAST / 2) break;
    const at = L.point(ground.anchors[2 * index] * size + left, ground.anchors[2 * index + 1] * size + top);
    if (!view.contains(at)) continue;
    const label = labelled(sheet, index, room);
    if (!label) continue;
    const place = at.subtract(origin);
    const box = { left: place.x - label.width / 2 - 3, right: place.x + label.width / 2 + 3, top: place.y - label.height / 2 - 1, bottom: place.y + label.height / 2 + 1 };
    if (overlapping(box, boxes)) continue;
    boxes.push(box);
    const written = el("div", { class: label.mark ? "letter letter-" + label.mark : "name", "aria-hidden": "true" });
    label.lines.forEach((line) => written.append(el("bdi", {}, line)));
    L.DomUtil.setPosition(written, place);
    pane.append(written);
  }
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const PADDING = [22, 22];
const sheets = [];
let main = null;
let tiles = null;
let moved = false;

function whole() {
  main.map.invalidateSize({ animate: false });
  if (!main.map.getSize().x || !main.map.getSize().y) return;
  main.map.fitBounds(wholeBounds, { padding: PADDING, animate: false });
  moved = false;
}

function showTip(map, point, words) {
  const tip = byId("tip");
  tip.replaceChildren(...words);
  tip.hidden = false;
  const room = byId("frames").getBoundingClientRect();
  const frame = map.getContainer().getBoundingClientRect();
  const at = { x: point.x + frame.left - room.left, y: point.y + frame.top - room.top };
  const right = at.x + 14 + tip.offsetWidth <= room.width - 60;
  const left = Math.max(6, right ? at.x + 14 : Math.min(at.x - tip.offsetWidth - 14, room.width - tip.offsetWidth - 60));
  const above = at.y - tip.offsetHeight - 12;
  tip.style.left = left + "px";
  tip.style.top = Math.max(6, above > 6 ? above : Math.min(at.y + 18, room.height - tip.offsetHeight - 6)) + "px";
}

function hideTip() {
  byId("tip").hidden = true;
}

function areaWords(index) {
  const lines = [el("strong", {}, named(index)), ...measureWords(state.measure, index)];
  if (state.compare) lines.push(el("span", { class: "apart" }, measureLabel(state.compare)), ...measureWords(state.compare, index));
  return lines;
}

function measureWords(id, index) {
  if (duties.has(id)) return [el("span", {}, capital(dutyWord(word(duties.get(id).values, index))))];
  const measure = measures.get(id);
  if (!measure) return [el("span", {}, zoneWord(index))];
  const unit = valueOf(id, index) === null ? "" : " " + spoken(measure.unit);
  const lines = [el("span", {}, el("b", {}, valueWords(measure, index)), unit)];
  const view = viewOf(id);
  if (view === "clusters") lines.push(el("span", {}, capital(say("cluster." + category(id, index)))));
  if (category(id, index).startsWith("apart")) lines.push(el("span", {}, t(category(id, index).replace("apart", "apart."))));
  return lines;
}

function choose(index, look = false) {
  state.chosen = index;
  state.hovered = null;
  for (const sheet of sheets) ringAround(sheet, index);
  paintPanel();
  remember();
  if (index === null) {
    hideTip();
    return;
  }
  if (look && !main.map.getBounds().pad(-0.08).contains(boundsOf(index))) {
    main.map.panTo(boundsOf(index).getCenter(), { animate: false });
  }
  showTip(main.map, main.map.latLngToContainerPoint(anchorOf(index)), areaWords(index));
  byId("announce").textContent = areaWords(index).map((line) => line.textContent).join(". ");
}

function pass(index) {
  if (state.hovered === index) return;
  state.hovered = index;
  if (state.chosen === null && window.matchMedia("(hover: hover) and (min-width: 72em)").matches) paintPanel();
}

function neighbourTowards([right, down]) {
  const { anchors } = ground;
  const middle = gridOf(main.map.getCenter());
  const [fromX, fromY] = state.chosen === null ? middle : [anchors[2 * state.chosen], anchors[2 * state.chosen + 1]];
  let best = null;
  let least = Infinity;
  for (let index = 0; index < many; index += 1) {
    if (index === state.chosen) continue;
    const [x, y] = [anchors[2 * index] - fromX, anchors[2 * index + 1] - fromY];
    const along = x * right + y * down;
    const across = Math.abs(x * down) + Math.abs(y * right);
    const cost = state.chosen === null ? x ** 2 + y ** 2 : along + 2 * across;
    if ((state.chosen === null || (along > 0 && across <= 2 * along)) && cost < least) [best, least] = [index, cost];
  }
  return best;
}

function mapKeys(event) {
  const arrow = ARROWS[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (arrow && event.shiftKey) main.map.panBy([arrow[0] * 80, arrow[1] * 80], { animate: false });
  else if (arrow) {
    const next = neighbourTowards(arrow);
    if (next !== null) choose(next, true);
  } else if (event.key === "+" || event.key === "=") main.map.zoomIn(1);
  else if (event.key === "-") main.map.zoomOut(1);
  else if (event.key === "0") whole();
  else if (event.key === "Escape") choose(null);
  else if (event.key === "Enter" && state.chosen !== null) byId("panel").focus();
  else return;
  event.preventDefault();
}

function installSheet(map, measure) {
  const sheet = sheetOn(map, measure);
  sheets.push(sheet);
  const container = map.getContainer();
  container.tabIndex = 0;
  container.setAttribute("role", "application");
  container.addEventListener("keydown", mapKeys);
  map.on("mousemove", (event) => {
    const index = unitAt(event.latlng);
    container.classList.toggle("over", index !== null);
    if (index === null) hideTip();
    else showTip(map, event.containerPoint, areaWords(index));
    pass(index);
  });
  map.on("mouseout", () => {
    hideTip();
    pass(null);
  });
  map.on("click", (event) => choose(unitAt(event.latlng)));
  map.on("zoomstart movestart", hideTip);
  map.on("zoomend moveend", () => paintLabels(sheet));
  return sheet;
}

function installMap(map) {
  main = installSheet(map, () => state.measure);
  map.getContainer().dataset.label = "map.label";
  L.control.scale({ imperial: false, maxWidth: 130 }).addTo(map);
  map.on("zoomend resize", () => sizePosts(map));
  map.on("moveend", remember);
  for (const frame of [map.getContainer(), byId("other")]) {
    frame.addEventListener("pointerdown", () => { moved = true; });
    frame.addEventListener("wheel", () => { moved = true; }, { passive: true });
  }
  new ResizeObserver(() => {
    for (const sheet of sheets) sheet.map.invalidateSize({ animate: false });
    if (!moved) whole();
  }).observe(byId("frame"));
  const zooms = { in: () => map.zoomIn(1), out: () => map.zoomOut(1), all: whole };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      moved = true;
      zooms[button.dataset.zoom]();
    });
  }
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
}

function printing(on) {
  document.documentElement.classList.toggle("printing", on);
  if (on) byId("chooser").open = true;
  for (const sheet of sheets) {
    sheet.printing = on;
    sheet.map.invalidateSize({ animate: false });
  }
  whole();
  for (const sheet of sheets) {
    sheet.tiles.repaint();
    sheet.tiles.finish();
  }
}

function shown(map, layer, wanted) {
  if (wanted && !map.hasLayer(layer)) map.addLayer(layer);
  if (!wanted && map.hasLayer(layer)) map.removeLayer(layer);
}

function paintBasemap() {
  if (!data.basemap) return;
  if (state.overlays.basemap && !tiles) tiles = L.tileLayer(data.basemap, { maxZoom: 19 });
  if (tiles) shown(main.map, tiles, state.overlays.basemap);
  byId("frame").classList.toggle("over-tiles", state.overlays.basemap);
}

function respeak() {
  paintWords();
  paintMeasures();
  paintOverlays();
  paintChoices();
  repaint();
}

function repaint() {
  paintViews();
  paintShifts();
  byId("current").textContent = measureLabel(state.measure);
  byId("map-title").textContent = measureLabel(state.measure);
  byId("map-unit").textContent = measureUnit(state.measure);
  shown(main.map, pins, state.overlays.posts);
  paintBasemap();
  paintSecond();
  for (const sheet of sheets) {
    sheet.tiles.repaint();
    shown(sheet.map, sheet.centre, state.overlays.centre);
    paintLabels(sheet);
  }
  paintLegend();
  paintPanel();
  hideTip();
  remember();
}

function begin(map) {
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    Object.assign(map.options, { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });
    map._zoomAnimated = false;
  }
  recall();
  installPatterns();
  map.fitBounds(wholeBounds, { padding: PADDING, animate: false });
  installMap(map);
  paintPosts();
  installControls();
  installSearch();
  respeak();
  recallPlace();
  installAddress();
  sizePosts(map);
  if (state.chosen !== null) choose(state.chosen);
  document.body.classList.remove("opening");
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const PADDING = [22, 22];
let city = null;
let tiles = null;
let moved = false;

if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
  L.Map.mergeOptions({ zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });
}

function whole() {
  city.invalidateSize({ animate: false });
  if (!city.getSize().x || !city.getSize().y) return;
  city.fitBounds(painted.bounds, { padding: PADDING, animate: false });
  moved = false;
}

function showTip(point, words) {
  const tip = byId("tip");
  tip.replaceChildren(...words);
  tip.hidden = false;
  const room = byId("frame").getBoundingClientRect();
  const right = point.x + 14 + tip.offsetWidth <= room.width - 60;
  const left = Math.max(6, right ? point.x + 14 : Math.min(point.x - tip.offsetWidth - 14, room.width - tip.offsetWidth - 60));
  const above = point.y - tip.offsetHeight - 12;
  tip.style.left = left + "px";
  tip.style.top = Math.max(6, above > 6 ? above : Math.min(point.y + 18, room.height - tip.offsetHeight - 6)) + "px";
}

function hideTip() {
  byId("tip").hidden = true;
}

function areaWords(index) {
  const lines = [el("strong", {}, named(index))];
  const measure = measures.get(state.measure);
  if (duties.has(state.measure)) return [...lines, el("span", {}, capital(dutyWord(duties.get(state.measure).values[index])))];
  if (!measure) return [...lines, el("span", {}, capital(say("zone." + (data.zones[index] || "missing"))))];
  const unit = data.values[measure.id][index] === null ? "" : " " + measure.unit[state.language];
  lines.push(el("span", {}, el("b", {}, valueWords(measure, index)), unit));
  if (state.view === "clusters" && hasClusters(measure.id)) {
    lines.push(el("span", {}, capital(say("cluster." + (data.clusters[measure.id][index] || "missing")))));
  }
  return lines;
}

function choose(index, look = false) {
  state.chosen = index;
  ringAround(city, index);
  paintPanel();
  if (index === null) {
    hideTip();
    return;
  }
  if (look && !city.getBounds().pad(-0.08).contains(painted.polygons[index].getBounds())) {
    const bounds = painted.polygons[index].getBounds();
    city.panTo(bounds.getCenter(), { animate: false });
  }
  showTip(city.latLngToContainerPoint(anchors[index]), areaWords(index));
  byId("announce").textContent = areaWords(index).map((line) => line.textContent).join(". ");
}

function neighbourTowards([right, down]) {
  const from = state.chosen === null ? city.getSize().divideBy(2) : city.latLngToContainerPoint(anchors[state.chosen]);
  let best = null;
  let least = Infinity;
  anchors.forEach((anchor, index) => {
    if (index === state.chosen) return;
    const step = city.latLngToContainerPoint(anchor).subtract(from);
    const along = step.x * right + step.y * down;
    const across = Math.abs(step.x * down) + Math.abs(step.y * right);
    const cost = state.chosen === null ? step.x ** 2 + step.y ** 2 : along + 2 * across;
    if ((state.chosen === null || (along > 1 && across <= 2 * along)) && cost < least) [best, least] = [index, cost];
  });
  return best;
}

function mapKeys(event) {
  const arrow = ARROWS[event.key];
  if (arrow && event.shiftKey) city.panBy([arrow[0] * 80, arrow[1] * 80], { animate: false });
  else if (arrow) {
    const next = neighbourTowards(arrow);
    if (next !== null) choose(next, true);
  } else if (event.key === "+" || event.key === "=") city.zoomIn(1);
  else if (event.key === "-") city.zoomOut(1);
  else if (event.key === "0") whole();
  else if (event.key === "Escape") choose(null);
  else if (event.key === "Enter" && state.chosen !== null) byId("panel").focus();
  else return;
  event.preventDefault();
}

function installMap() {
  const container = city.getContainer();
  container.tabIndex = 0;
  container.setAttribute("role", "application");
  container.dataset.label = "map.label";
  container.addEventListener("keydown", mapKeys);
  L.control.scale({ imperial: false, maxWidth: 130 }).addTo(city);
  for (const polygon of painted.polygons) {
    polygon.on("mouseover mousemove", (event) => showTip(event.containerPoint, areaWords(polygon.index)));
    polygon.on("mouseout", hideTip);
    polygon.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      choose(polygon.index);
    });
  }
  city.on("click", () => choose(null));
  city.on("zoomstart movestart", hideTip);
  city.on("zoomend", () => {
    paintFills(city);
    sizePosts(city);
  });
  city.on("resize", () => sizePosts(city));
  city.on("zoomend moveend", () => paintLabels(city));
  container.addEventListener("pointerdown", () => { moved = true; });
  container.addEventListener("wheel", () => { moved = true; }, { passive: true });
  new ResizeObserver(() => {
    city.invalidateSize({ animate: false });
    if (!moved) whole();
  }).observe(byId("frame"));
  const zooms = { in: () => city.zoomIn(1), out: () => city.zoomOut(1), all: whole };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      moved = true;
      zooms[button.dataset.zoom]();
    });
  }
  window.addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    byId("chooser").open = true;
    whole();
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    whole();
  });
}

function shown(layer, wanted) {
  if (wanted && !city.hasLayer(layer)) city.addLayer(layer);
  if (!wanted && city.hasLayer(layer)) city.removeLayer(layer);
}

function paintBasemap() {
  if (!data.basemap) return;
  if (state.overlays.basemap && !tiles) tiles = L.tileLayer(data.basemap, { maxZoom: 19 });
  if (tiles) shown(tiles, state.overlays.basemap);
}

function respeak() {
  paintWords();
  paintMeasures();
  paintOverlays();
  repaint();
}

function repaint() {
  paintViews();
  const measure = measures.get(state.measure);
  const clusters = measure && state.view === "clusters" && hasClusters(measure.id);
  byId("current").textContent = measureLabel(state.measure);
  byId("map-title").textContent = measureLabel(state.measure);
  const unitless = duties.has(state.measure) ? "duty.unit" : "zones.unit";
  byId("map-unit").textContent = !measure ? t(unitless) : clusters ? t("views.clusters.unit") : measure.unit[state.language];
  paintFills(city);
  shown(painted.centre, state.overlays.centre);
  shown(pins, state.overlays.posts);
  paintBasemap();
  paintLabels(city);
  paintLegend();
  paintPanel();
  hideTip();
}

function start(map) {
  city = map;
  paintCity(map);
  paintPosts();
  installMap();
  installControls();
  installSearch();
  whole();
  respeak();
}

const PATTERN = 8;
const PATTERNS = {
  "sq-missing": { ground: "#e3e3e1", ink: "#8d9199", lines: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]], width: 1.3 },
  "sq-suppressed": { ground: "#f1efe9", ink: "#5d6470", dots: [[2, 2], [6, 6]], radius: 1.15 },
  "sq-uncovered": { ground: "#ffffff", ink: "#a3885a", lines: [[0, 4, 8, 4], [4, 0, 4, 8]], width: 0.9 },
  "sq-blind": { ground: "#c06a4c", ink: "#9c4a30", lines: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]], width: 1.2 },
  "sq-overlap": { ground: "#1f6a87", ink: "#a9d3cf", lines: [[0, 4, 8, 4]], width: 1.4 },
  "sq-unsure": { ground: "#eeeae0", ink: "#7d7461", lines: [[4, 0, 4, 8]], width: 1 },
  "sq-isolate": { ground: "#e5e3dc", ink: "#4b5260", dots: [[4, 4]], radius: 1.6 },
  "sq-hl": { ground: "#cfc4e6", ink: "#54378f", lines: [[0, 0, 8, 8], [-2, 6, 2, 10], [6, -2, 10, 2]], width: 2 },
  "sq-lh": { ground: "#fbd6ab", ink: "#c05a0b", lines: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]], width: 2 },
};

function patternShapes(pattern) {
  const shapes = [drawn("rect", { width: PATTERN, height: PATTERN, fill: pattern.ground })];
  for (const [x1, y1, x2, y2] of pattern.lines || []) {
    shapes.push(drawn("line", { x1, y1, x2, y2, stroke: pattern.ink, "stroke-width": pattern.width }));
  }
  for (const [cx, cy] of pattern.dots || []) shapes.push(drawn("circle", { cx, cy, r: pattern.radius, fill: pattern.ink }));
  return shapes;
}

function installPatterns() {
  const size = { width: PATTERN, height: PATTERN, patternUnits: "userSpaceOnUse" };
  const all = Object.entries(PATTERNS).map(([id, one]) => drawn("pattern", { id, ...size }, ...patternShapes(one)));
  document.body.append(drawn("svg", { width: 0, height: 0, class: "patterns", "aria-hidden": "true" }, drawn("defs", {}, ...all)));
}

const canvasPatterns = new Map();

function canvasPattern(context, id) {
  if (!canvasPatterns.has(id)) {
    const pattern = PATTERNS[id];
    const tile = document.createElement("canvas");
    tile.width = tile.height = PATTERN;
    const pen = tile.getContext("2d");
    pen.fillStyle = pattern.ground;
    pen.fillRect(0, 0, PATTERN, PATTERN);
    pen.strokeStyle = pen.fillStyle = pattern.ink;
    pen.lineWidth = pattern.width || 1;
    for (const [x1, y1, x2, y2] of pattern.lines || []) {
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
      pen.stroke();
    }
    for (const [x, y] of pattern.dots || []) {
      pen.beginPath();
      pen.arc(x, y, pattern.radius, 0, 2 * Math.PI);
      pen.fill();
    }
    canvasPatterns.set(id, context.createPattern(tile, "repeat"));
  }
  return canvasPatterns.get(id);
}

const PatternCanvas = L.Canvas.extend({
  _fillStroke(context, layer) {
    const { fill, fillColor, fillOpacity, fillRule, stroke, weight, color, opacity } = layer.options;
    if (fill) {
      context.globalAlpha = fillOpacity;
      context.fillStyle = fillColor.startsWith("url(#") ? canvasPattern(context, fillColor.slice(5, -1)) : fillColor;
      context.fill(fillRule || "evenodd");
    }
    if (stroke && weight) {
      context.globalAlpha = opacity;
      context.lineWidth = weight;
      context.strokeStyle = color;
      context.lineCap = context.lineJoin = "round";
      context.stroke();
    }
  },
});

const painted = { polygons: [], renderer: null, lines: null, ring: null };

function paintCity(map) {
  installPatterns();
  for (const [name, level] of [["ground", 350], ["areas", 400], ["lines", 450], ["ring", 460], ["posts", 600], ["names", 640]]) {
    map.createPane(name).style.zIndex = level;
    if (name !== "areas" && name !== "posts") map.getPane(name).style.pointerEvents = "none";
  }
  painted.renderer = data.renderer === "svg" ? L.svg({ pane: "areas", padding: 0.4 }) : new PatternCanvas({ pane: "areas", padding: 0.2 });
  painted.lines = L.svg({ pane: "lines", padding: 0.4 });
  const city = decoded(geometry.city);
  const ground = { renderer: L.svg({ pane: "ground", padding: 0.4 }), interactive: false, stroke: false, className: "city-ground" };
  L.polygon(city, { ...ground, fillColor: "#fffdf8", fillOpacity: 1 }).addTo(map);
  geometry.units.forEach((unit, index) => {
    const polygon = L.polygon(decoded(unit), {
      renderer: painted.renderer, pane: "areas", smoothFactor: 0, color: "#ffffff", opacity: 0.9, fillOpacity: 1, lineJoin: "round",
    });
    polygon.index = index;
    painted.polygons.push(polygon.addTo(map));
  });
  L.polygon(city, { renderer: painted.lines, interactive: false, fill: false, color: "#6f6757", weight: 1, opacity: 0.9 }).addTo(map);
  const centre = decoded(geometry.centre);
  const line = { renderer: painted.lines, interactive: false, fill: false, lineJoin: "round" };
  painted.centre = L.layerGroup(centre.length ? [
    L.polygon(centre, { ...line, color: "#ffffff", weight: 6, opacity: 0.9 }),
    L.polygon(centre, { ...line, color: "#17181c", weight: 2.6, opacity: 1, className: "centre-line" }),
  ] : []);
  painted.ring = L.polygon([], { renderer: L.svg({ pane: "ring", padding: 0.4 }), interactive: false, fill: false, color: "#b3123f", weight: 3.2 });
  painted.ring.addTo(map);
  painted.bounds = L.latLngBounds(city.flat(2));
}

function strokeWeight(map) {
  const box = painted.bounds;
  const across = map.latLngToLayerPoint(box.getSouthEast()).distanceTo(map.latLngToLayerPoint(box.getNorthWest()));
  const each = across / Math.SQRT2 / Math.sqrt(Math.max(1, data.ids.length));
  return each < 4 ? 0 : Math.min(1.3, 0.3 + each / 45);
}

function paintFills(map) {
  const colour = new Map(categories().map((one) => [one.key, one.fill]));
  const weight = strokeWeight(map);
  const fillOpacity = state.overlays.basemap ? 0.75 : 1;
  for (const polygon of painted.polygons) {
    const fillColor = colour.get(category(polygon.index));
    const pale = fillColor === ZERO || fillColor.startsWith("url(") || fillColor === CLUSTER_FILL.ns;
    polygon.setStyle({ fillColor, weight, stroke: weight > 0, fillOpacity, color: pale ? "#fffdf6" : "#ffffff" });
  }
}

function ringAround(map, index) {
  painted.ring.setLatLngs(index === null ? [] : decoded(geometry.units[index]));
}

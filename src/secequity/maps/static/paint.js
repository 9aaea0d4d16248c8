const PATTERN = 8;
const PATTERNS = {
  "sq-missing": { ground: data.palette.absent.missing, ink: data.palette.ink.missing, lines: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]], width: 1.3 },
  "sq-suppressed": { ground: data.palette.absent.suppressed, ink: data.palette.ink.suppressed, dots: [[2, 2], [6, 6]], radius: 1.15 },
  "sq-uncovered": { ground: data.palette.absent.uncovered, ink: data.palette.ink.uncovered, lines: [[0, 4, 8, 4], [4, 0, 4, 8]], width: 0.9 },
  "sq-blind": { ground: "#c06a4c", ink: "#9c4a30", lines: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]], width: 1.2 },
  "sq-overlap": { ground: "#1f6a87", ink: "#a9d3cf", lines: [[0, 4, 8, 4]], width: 1.4 },
  "sq-unsure": { ground: "#eeeae0", ink: "#7d7461", lines: [[4, 0, 4, 8]], width: 1 },
  "sq-isolate": { ground: "#e5e3dc", ink: "#4b5260", dots: [[4, 4]], radius: 1.6 },
  "sq-unreliable": { ground: "none", ink: "rgb(23 24 28 / 62%)", lines: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]], width: 0.9 },
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
    if (pattern.ground !== "none") {
      pen.fillStyle = pattern.ground;
      pen.fillRect(0, 0, PATTERN, PATTERN);
    }
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

function strokeWeight(map) {
  const { size } = scaleAt(map.getZoom());
  const across = Math.hypot(ground.grid.right - ground.grid.left, ground.grid.bottom - ground.grid.top) * size;
  const each = across / Math.SQRT2 / Math.sqrt(Math.max(1, many));
  return each < 4 ? 0 : Math.min(1.3, 0.3 + each / 45);
}

function sheetOn(map, measure) {
  for (const [name, level] of [["areas", 400], ["lines", 450], ["ring", 460], ["posts", 600], ["names", 640]]) {
    map.createPane(name).style.zIndex = level;
    if (name !== "posts") map.getPane(name).style.pointerEvents = "none";
  }
  const line = { renderer: L.svg({ pane: "lines", padding: 0.4 }), interactive: false, fill: false, lineJoin: "round" };
  const centre = lineLatLngs(ground.centre);
  const sheet = { map, measure, printing: false };
  sheet.tiles = new AreaTiles(() => styleOf(sheet)).addTo(map);
  L.polyline(lineLatLngs(ground.city), { ...line, color: "#6f6757", weight: 1, opacity: 0.9 }).addTo(map);
  sheet.centre = L.layerGroup(centre.length ? [
    L.polyline(centre, { ...line, color: "#ffffff", weight: 6, opacity: 0.9 }),
    L.polyline(centre, { ...line, color: "#17181c", weight: 2.6, opacity: 1, className: "centre-line" }),
  ] : []);
  sheet.ring = L.polygon([], { renderer: L.svg({ pane: "ring", padding: 0.4 }), interactive: false, fill: false, color: "#b3123f", weight: 3.2 }).addTo(map);
  return sheet;
}

function styleOf(sheet) {
  const id = sheet.measure();
  const { keys, codes } = sortedBy(id);
  const fill = new Map(listed(id).map((one) => [one.key, one.fill]));
  return {
    codes, fills: keys.map((key) => fill.get(key)), flags: unreliable(id), lit: state.lit,
    weight: strokeWeight(sheet.map), ratio: sheet.printing ? 3 : 0,
  };
}

function ringAround(sheet, index) {
  sheet.ring.setLatLngs(index === null ? [] : ringsOf(index).map((ring) => ring.map(([x, y]) => latLngOf(x, y))));
}

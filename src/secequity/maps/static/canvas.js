const TILE = many > 20000 ? 128 : 256;
const BATCH = 100;
const FRAME_MS = 12;
const CLOSE = 0.6;
const FADED = "rgb(255 253 248 / 74%)";
const arcStamps = new Int32Array(ground.arcs.length);
let arcStamp = 0;

function trace(context, unit, { size, left, top }) {
  const { points, arcs, refs, rings, units } = ground;
  for (let ring = units[unit]; ring < units[unit + 1]; ring += 1) {
    let [lastX, lastY, open] = [0, 0, false];
    for (let at = rings[ring]; at < rings[ring + 1]; at += 1) {
      const backwards = refs[at] < 0;
      const arc = backwards ? ~refs[at] : refs[at];
      const steps = arcs[arc + 1] - arcs[arc] - 1;
      const first = backwards ? arcs[arc + 1] - 1 : arcs[arc];
      const way = backwards ? -1 : 1;
      for (let step = 0; step < steps; step += 1) {
        const point = first + way * step;
        const x = points[2 * point] * size + left;
        const y = points[2 * point + 1] * size + top;
        if (!open) context.moveTo(x, y);
        else if (step && Math.abs(x - lastX) + Math.abs(y - lastY) < CLOSE) continue;
        else context.lineTo(x, y);
        [lastX, lastY, open] = [x, y, true];
      }
    }
    context.closePath();
  }
}

function traceBorders(context, units, { size, left, top }) {
  const { points, arcs, refs, rings } = ground;
  context.beginPath();
  for (const unit of units) {
    for (let at = rings[ground.units[unit]]; at < rings[ground.units[unit + 1]]; at += 1) {
      const arc = refs[at] < 0 ? ~refs[at] : refs[at];
      if (arcStamps[arc] === arcStamp) continue;
      arcStamps[arc] = arcStamp;
      for (let point = arcs[arc]; point < arcs[arc + 1]; point += 1) {
        const x = points[2 * point] * size + left;
        const y = points[2 * point + 1] * size + top;
        if (point === arcs[arc]) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
    }
  }
  context.stroke();
}

function paintUnits(context, units, scale, style) {
  const groups = new Map();
  for (const unit of units) {
    const code = style.codes[unit];
    if (!groups.has(code)) groups.set(code, []);
    groups.get(code).push(unit);
  }
  for (const [code, members] of groups) fillUnits(context, members, scale, style.fills[code]);
  if (style.flags) fillUnits(context, units.filter((unit) => style.flags[unit]), scale, "url(#sq-unreliable)");
  if (style.lit) fillUnits(context, units.filter((unit) => !style.lit[unit]), scale, FADED);
  if (style.weight) {
    context.lineWidth = style.weight;
    context.strokeStyle = "rgb(255 255 255 / 90%)";
    context.lineJoin = context.lineCap = "round";
    arcStamp += 1;
    for (let from = 0; from < units.length; from += BATCH) traceBorders(context, units.slice(from, from + BATCH), scale);
  }
}

function fillUnits(context, units, scale, fill) {
  context.fillStyle = fill.startsWith("url(#") ? canvasPattern(context, fill.slice(5, -1)) : fill;
  for (let from = 0; from < units.length; from += BATCH) {
    context.beginPath();
    for (const unit of units.slice(from, from + BATCH)) trace(context, unit, scale);
    context.fill("nonzero");
  }
}

const AreaTiles = L.Layer.extend({
  initialize(style) {
    this._style = style;
    this._queue = [];
  },

  onAdd(map) {
    this._holder = L.DomUtil.create("div", "areas", map.getPane("areas"));
    this._begin();
  },

  getEvents() {
    return { zoomend: this._begin, viewreset: this._begin, move: this._extend, moveend: this._extend, resize: this._extend, zoomanim: this._animate };
  },

  repaint() {
    if (this._map) this._begin();
  },

  finish() {
    while (this._queue.length) this._draw(this._queue.shift());
    this._settle();
  },

  _begin() {
    const level = L.DomUtil.create("div", "areas-level leaflet-zoom-animated", this._holder);
    this._queue = [];
    this._level = { level, zoom: this._map.getZoom(), origin: this._map.getPixelOrigin(), tiles: new Set(), style: this._style() };
    this._extend();
  },

  _animate({ center, zoom }) {
    const { level, zoom: from, origin } = this._level;
    const scale = this._map.getZoomScale(zoom, from);
    const to = this._map._getNewPixelOrigin(center, zoom);
    L.DomUtil.setTransform(level, origin.multiplyBy(scale).subtract(to).round(), scale);
  },

  _extend() {
    const current = this._level;
    if (current.zoom !== this._map.getZoom()) return;
    const view = this._map.getPixelBounds();
    const middle = view.getCenter().divideBy(TILE);
    const added = [];
    for (let row = Math.floor(view.min.y / TILE); row <= Math.floor(view.max.y / TILE); row += 1) {
      for (let column = Math.floor(view.min.x / TILE); column <= Math.floor(view.max.x / TILE); column += 1) {
        const name = column + ":" + row;
        if (current.tiles.has(name)) continue;
        current.tiles.add(name);
        added.push({ column, row, far: (column + 0.5 - middle.x) ** 2 + (row + 0.5 - middle.y) ** 2 });
      }
    }
    added.sort((one, other) => one.far - other.far);
    this._queue.push(...added);
    this._work();
  },

  _work() {
    const until = performance.now() + FRAME_MS;
    while (this._queue.length && performance.now() < until) this._draw(this._queue.shift());
    if (!this._queue.length) this._settle();
    else if (!this._waiting) {
      this._waiting = requestAnimationFrame(() => {
        this._waiting = null;
        this._work();
      });
    }
    this._holder.dataset.waiting = this._queue.length;
  },

  _settle() {
    for (const old of [...this._holder.children]) if (old !== this._level.level) old.remove();
    this._holder.dataset.waiting = 0;
  },

  _draw({ column, row }) {
    const { level, zoom, origin, style } = this._level;
    const scale = scaleAt(zoom);
    const [x, y] = [column * TILE, row * TILE];
    const reach = style.weight + 1;
    const box = [x - reach - scale.left, y - reach - scale.top, x + TILE + reach - scale.left, y + TILE + reach - scale.top];
    const units = unitsIn(...box.map((side) => side / scale.size));
    if (!units.length) return;
    const canvas = L.DomUtil.create("canvas", "", level);
    const ratio = style.ratio || Math.min(3, window.devicePixelRatio || 1);
    canvas.width = canvas.height = TILE * ratio;
    canvas.style.width = canvas.style.height = TILE + "px";
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.scale(ratio, ratio);
    paintUnits(context, units, { size: scale.size, left: scale.left - x, top: scale.top - y }, style);
    L.DomUtil.setPosition(canvas, L.point(x, y).subtract(origin));
  },
});

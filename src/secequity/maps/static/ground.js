const HALF = Math.PI * 6378137;
const geometry = data.geometry;
const ground = decodedGround();

function absolute(moves) {
  const points = new Int32Array(moves.length);
  let [x, y] = [0, 0];
  for (let at = 0; at < moves.length; at += 2) {
    x += moves[at];
    y += moves[at + 1];
    points[at] = x;
    points[at + 1] = y;
  }
  return points;
}

function summed(sizes) {
  const starts = new Int32Array(sizes.length + 1);
  for (let at = 0; at < sizes.length; at += 1) starts[at + 1] = starts[at] + sizes[at];
  return starts;
}

function references(codes) {
  const refs = new Int32Array(codes.length);
  let latest = -1;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (!code) {
      latest += 1;
      refs[at] = latest;
    } else {
      const arc = latest + 1 - (code >> 1);
      refs[at] = code & 1 ? arc : ~arc;
    }
  }
  return refs;
}

function byRow({ refs, rings, units, anchors, rooms }) {
  const placeOf = new Int32Array(many);
  summed(geometry.rows).subarray(1).forEach((row, place) => { placeOf[row] = place; });
  const turned = {
    refs: new Int32Array(refs.length), rings: new Int32Array(rings.length), units: new Int32Array(units.length),
    anchors: new Int32Array(anchors.length), rooms: new Int32Array(rooms.length),
  };
  let [ring, ref] = [0, 0];
  placeOf.forEach((place, row) => {
    turned.anchors.set(anchors.subarray(2 * place, 2 * place + 2), 2 * row);
    turned.rooms[row] = rooms[place];
    for (let one = units[place]; one < units[place + 1]; one += 1) {
      turned.refs.set(refs.subarray(rings[one], rings[one + 1]), ref);
      ref += rings[one + 1] - rings[one];
      ring += 1;
      turned.rings[ring] = ref;
    }
    turned.units[row + 1] = ring;
  });
  return turned;
}

function lines({ points, sizes }) {
  return { points: absolute(points), starts: summed(sizes) };
}

function decodedGround() {
  const { points, arcs, refs, rings, units, anchors, rooms, city, centre } = geometry;
  const shapes = { refs: references(refs), rings: summed(rings), units: summed(units), anchors, rooms };
  const found = {
    ...byRow(shapes), points: absolute(points), arcs: summed(arcs), city: lines(city), centre: lines(centre),
    boxes: new Int32Array(4 * many),
  };
  for (let unit = 0; unit < many; unit += 1) {
    boxAround(found, unit);
    standInside(found, unit);
  }
  return { ...found, ...indexed(found.boxes) };
}

function standInside({ points, arcs, refs, rings, units, anchors }, unit) {
  if (units[unit] === units[unit + 1]) return;
  const first = refs[rings[units[unit]]];
  const head = first < 0 ? arcs[~first + 1] - 1 : arcs[first];
  anchors[2 * unit] += points[2 * head];
  anchors[2 * unit + 1] += points[2 * head + 1];
}

function boxAround({ points, arcs, refs, rings, units, boxes }, unit) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = rings[units[unit]]; at < rings[units[unit + 1]]; at += 1) {
    const arc = refs[at] < 0 ? ~refs[at] : refs[at];
    for (let point = arcs[arc]; point < arcs[arc + 1]; point += 1) {
      const [x, y] = [points[2 * point], points[2 * point + 1]];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
  }
  boxes.set(left > right ? [1, 1, 0, 0] : [left, top, right, bottom], 4 * unit);
}

function indexed(boxes) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < boxes.length; at += 4) {
    if (boxes[at] > boxes[at + 2]) continue;
    left = Math.min(left, boxes[at]);
    top = Math.min(top, boxes[at + 1]);
    right = Math.max(right, boxes[at + 2]);
    bottom = Math.max(bottom, boxes[at + 3]);
  }
  const side = Math.max(4, Math.min(256, Math.ceil(Math.sqrt(many))));
  const cell = Math.max(1, Math.max(right - left, bottom - top) / side);
  const grid = { left, top, right, bottom, side, cell };
  const counts = new Int32Array(side * side + 1);
  for (let unit = 0; unit < many; unit += 1) eachCell(grid, boxes.subarray(4 * unit, 4 * unit + 4), (at) => { counts[at + 1] += 1; });
  for (let at = 0; at < side * side; at += 1) counts[at + 1] += counts[at];
  const filled = counts.slice();
  const members = new Int32Array(counts[side * side]);
  for (let unit = 0; unit < many; unit += 1) {
    eachCell(grid, boxes.subarray(4 * unit, 4 * unit + 4), (at) => {
      members[filled[at]] = unit;
      filled[at] += 1;
    });
  }
  return { grid, counts, members, stamps: new Int32Array(many), stamp: 0 };
}

function eachCell(grid, [left, top, right, bottom], visit) {
  if (left > right) return;
  const place = (value, low) => Math.max(0, Math.min(grid.side - 1, Math.floor((value - low) / grid.cell)));
  const [first, last] = [place(left, grid.left), place(right, grid.left)];
  for (let row = place(top, grid.top); row <= place(bottom, grid.top); row += 1) {
    for (let column = first; column <= last; column += 1) visit(row * grid.side + column);
  }
}

function unitsIn(left, top, right, bottom) {
  const { boxes, counts, members, stamps, grid } = ground;
  const found = [];
  ground.stamp += 1;
  eachCell(grid, [left, top, right, bottom], (at) => {
    for (let place = counts[at]; place < counts[at + 1]; place += 1) {
      const unit = members[place];
      if (stamps[unit] === ground.stamp) continue;
      stamps[unit] = ground.stamp;
      const box = 4 * unit;
      if (boxes[box] <= right && boxes[box + 2] >= left && boxes[box + 1] <= bottom && boxes[box + 3] >= top) found.push(unit);
    }
  });
  return found;
}

function scaleAt(zoom) {
  const across = 256 * 2 ** zoom;
  const size = (geometry.step * across) / (2 * HALF);
  return { size, left: (geometry.origin[0] / (2 * HALF) + 0.5) * across, top: (0.5 - geometry.origin[1] / (2 * HALF)) * across };
}

function latLngOf(x, y) {
  const metres = L.point(geometry.origin[0] + x * geometry.step, geometry.origin[1] - y * geometry.step);
  return L.Projection.SphericalMercator.unproject(metres);
}

function gridOf(latlng) {
  const metres = L.Projection.SphericalMercator.project(latlng);
  return [(metres.x - geometry.origin[0]) / geometry.step, (geometry.origin[1] - metres.y) / geometry.step];
}

function anchorOf(index) {
  return latLngOf(ground.anchors[2 * index], ground.anchors[2 * index + 1]);
}

function ringsOf(unit) {
  const { points, arcs, refs, rings, units } = ground;
  const found = [];
  for (let ring = units[unit]; ring < units[unit + 1]; ring += 1) {
    const line = [];
    for (let at = rings[ring]; at < rings[ring + 1]; at += 1) {
      const backwards = refs[at] < 0;
      const arc = backwards ? ~refs[at] : refs[at];
      for (let step = 0; step < arcs[arc + 1] - arcs[arc] - 1; step += 1) {
        const point = backwards ? arcs[arc + 1] - 1 - step : arcs[arc] + step;
        line.push([points[2 * point], points[2 * point + 1]]);
      }
    }
    found.push(line);
  }
  return found;
}

function inside(unit, x, y) {
  let winding = 0;
  for (const ring of ringsOf(unit)) {
    for (let at = 0, last = ring.length - 1; at < ring.length; last = at, at += 1) {
      const [x1, y1] = ring[last];
      const [x2, y2] = ring[at];
      if (y1 <= y === y2 <= y) continue;
      if (x1 + ((y - y1) * (x2 - x1)) / (y2 - y1) > x) winding += y1 <= y ? 1 : -1;
    }
  }
  return winding !== 0;
}

function unitAt(latlng) {
  const [x, y] = gridOf(latlng);
  const hit = unitsIn(x, y, x, y).find((unit) => inside(unit, x, y));
  return hit === undefined ? null : hit;
}

function lineLatLngs({ points, starts }) {
  const lines = [];
  for (let line = 0; line + 1 < starts.length; line += 1) {
    const places = [];
    for (let at = starts[line]; at < starts[line + 1]; at += 1) places.push(latLngOf(points[2 * at], points[2 * at + 1]));
    lines.push(places);
  }
  return lines;
}

function boundsOf(unit) {
  const [left, top, right, bottom] = ground.boxes.subarray(4 * unit, 4 * unit + 4);
  return L.latLngBounds(latLngOf(left, top), latLngOf(right, bottom));
}

const PIECES = 10;
const CURVE = { width: 240, height: 150, left: 38, bottom: 20 };
const curves = new Map();

function lorenz(id) {
  if (!curves.has(id)) curves.set(id, lorenzOf(id));
  return curves.get(id);
}

function lorenzOf(id) {
  const values = data.values[id];
  const order = ranked(id).slice().reverse().filter((index) => data.population[index] > 0);
  if (order.length < 3 || values[order[0]] < 0) return null;
  const people = order.map((index) => data.population[index]);
  const [residents, amount] = [0, 1].map((held) => people.reduce((sum, one, at) => sum + one * (held ? values[order[at]] : 1), 0));
  if (!amount) return null;
  const points = [[0, 0]];
  order.forEach((index, at) => {
    const [x, y] = points[at];
    points.push([x + people[at] / residents, y + (people[at] * values[index]) / amount]);
  });
  return { order, points, pieces: Array.from({ length: PIECES }, (_, piece) => pieceOf(order, points, piece)) };
}

function heldBelow(points, share) {
  const after = points.findIndex(([x]) => x >= share - 1e-9);
  if (after <= 0) return after < 0 ? 1 : 0;
  const [[x1, y1], [x2, y2]] = [points[after - 1], points[after]];
  return x2 > x1 ? y1 + ((share - x1) * (y2 - y1)) / (x2 - x1) : y2;
}

function pieceOf(order, points, piece) {
  const [from, to] = [piece / PIECES, (piece + 1) / PIECES];
  const members = order.filter((index, at) => points[at + 1][0] > from + 1e-9 && points[at][0] < to - 1e-9);
  return { from, to, held: heldBelow(points, to) - heldBelow(points, from), members };
}

function lorenzFigure(id) {
  const measure = measures.get(id);
  const curve = measure && measure.kind !== "covariate" && measure.kind !== "share" ? lorenz(id) : null;
  if (!curve) return null;
  const words = el("p", { class: "curve-words", "aria-live": "polite" }, t("curve.hint"));
  const slider = el("input", { type: "range", id: "curve-piece", min: 0, max: PIECES, step: 1, value: 0 });
  const picture = curvePicture(curve, (piece) => point(piece));
  const point = (piece) => {
    slider.value = piece === null ? 0 : piece + 1;
    slider.setAttribute("aria-valuetext", piece === null ? t("curve.none") : pieceWords(curve.pieces[piece]));
    for (const one of picture.querySelectorAll(".piece")) one.classList.toggle("lit", Number(one.dataset.piece) === piece);
    words.textContent = piece === null ? t("curve.hint") : pieceWords(curve.pieces[piece]);
    light(piece === null ? null : curve.pieces[piece].members);
  };
  slider.addEventListener("input", () => point(slider.value === "0" ? null : Number(slider.value) - 1));
  slider.setAttribute("aria-valuetext", t("curve.none"));
  return el("div", { class: "curve" }, el("h3", {}, t("curve.title")), picture,
    el("label", { for: "curve-piece" }, t("curve.slider")), slider, words);
}

function curvePicture(curve, point) {
  const { width, height, left, bottom } = CURVE;
  const place = ([x, y]) => [left + x * (width - left - 6), 6 + (1 - y) * (height - bottom - 6)];
  const thin = curve.points.filter((_, at) => at % Math.ceil(curve.points.length / 400) === 0 || at === curve.points.length - 1);
  const path = "M" + thin.map((one) => place(one).map((value) => value.toFixed(1)).join(" ")).join("L");
  const [[x0, y0], [x1, y1]] = [place([0, 0]), place([1, 1])];
  const picture = drawn("svg", { viewBox: `0 0 ${width} ${height}`, class: "curve-picture", role: "img", "aria-label": t("curve.label") });
  picture.append(
    drawn("path", { d: `M${x0} ${y0}L${x1} ${y1}`, class: "even" }),
    drawn("path", { d: path + `L${x1} ${y0}L${x0} ${y0}Z`, class: "under" }),
    drawn("path", { d: path, class: "line" }),
    drawn("path", { d: `M${x0} ${y1}V${y0}H${x1}`, class: "axes" }),
  );
  curve.pieces.forEach((piece, at) => {
    const [from] = place([piece.from, 0]);
    const [to] = place([piece.to, 0]);
    const area = drawn("rect", { x: from, y: y1, width: to - from, height: y0 - y1, class: "piece", "data-piece": at });
    area.addEventListener("pointerenter", () => point(at));
    area.addEventListener("pointerleave", () => point(null));
    picture.append(area);
  });
  const write = (words, x, y, anchor, turn) => {
    const written = drawn("text", { x, y, "text-anchor": anchor, ...(turn ? { transform: `rotate(-90 ${x} ${y})` } : {}) });
    written.textContent = words;
    picture.append(written);
  };
  write(t("curve.people"), (x0 + x1) / 2, height - 5, "middle");
  write(t("curve.amount"), 14, (y0 + y1) / 2, "middle", true);
  write("0", x0 - 4, y0 + 3, "end");
  write("100" + NARROW + "%", x0 - 4, y1 + 6, "end");
  return picture;
}

function pieceWords(piece) {
  const names = piece.members.slice(0, 3).map((index) => data.names[index]).join(", ");
  const share = 100 * piece.held;
  const told = {
    from: number(Math.round(100 * piece.from)), to: number(Math.round(100 * piece.to)),
    held: number(share, share < 9.95 ? 1 : 0), areas: number(piece.members.length), names: names + (piece.members.length > 3 ? "…" : ""),
  };
  return t(piece.members.length === 1 ? "curve.piece.one" : "curve.piece", told);
}

function light(members) {
  state.lit = null;
  if (members) {
    state.lit = new Uint8Array(many);
    for (const index of members) state.lit[index] = 1;
  }
  for (const sheet of sheets) sheet.tiles.repaint();
}

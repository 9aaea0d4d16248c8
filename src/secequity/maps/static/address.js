let remembering = false;
let written = "";

function addressOf() {
  const told = new URLSearchParams();
  told.set("m", state.measure);
  if (state.view !== "value") told.set("v", state.view);
  if (state.compare) told.set("c", state.compare);
  if (state.chosen !== null) told.set("a", data.ids[state.chosen]);
  if (state.language !== data.language) told.set("l", state.language);
  if (moved) {
    const { lat, lng } = main.map.getCenter();
    told.set("z", [main.map.getZoom(), lat.toFixed(5), lng.toFixed(5)].join("/"));
  }
  return "#" + told;
}

function remember() {
  if (!remembering) return;
  written = addressOf();
  try {
    window.history.replaceState(null, "", written);
  } catch (refused) {
    remembering = refused.name !== "SecurityError";
  }
}

function recall() {
  const told = new URLSearchParams(window.location.hash.slice(1));
  const known = (id) => measures.has(id) || duties.has(id) || id === "zones";
  if (known(told.get("m"))) state.measure = told.get("m");
  state.view = ["mean", "norm", "clusters"].includes(told.get("v")) ? told.get("v") : "value";
  state.compare = measures.has(told.get("c")) || duties.has(told.get("c")) ? told.get("c") : "";
  if (data.languages.includes(told.get("l"))) state.language = told.get("l");
  const index = told.has("a") ? data.ids.indexOf(told.get("a")) : -1;
  state.chosen = index < 0 ? null : index;
}

function recallPlace() {
  const told = new URLSearchParams(window.location.hash.slice(1)).get("z");
  const [zoom, lat, lng] = (told || "").split("/").map(Number);
  if ([zoom, lat, lng].every(Number.isFinite) && told) {
    main.map.setView([lat, lng], zoom, { animate: false });
    moved = true;
  }
}

function installAddress() {
  remembering = true;
  window.addEventListener("hashchange", () => {
    if (window.location.hash === written) return;
    remembering = false;
    recall();
    respeak();
    recallPlace();
    remembering = true;
    choose(state.chosen);
  });
}

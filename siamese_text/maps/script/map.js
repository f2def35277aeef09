// The map: points on a canvas, the text of the nearest one, a selection that can be saved.

/**
 * @typedef {{names: string[], texts: string[], values: string[], x: number[], y: number[], of: number[],
 *   colours: number[], ordered: boolean, title: string}} MapData
 */

/** @type {MapData} */
const map = JSON.parse(byId("map-data").textContent ?? "");
const canvas = /** @type {HTMLCanvasElement} */ (byId("map"));
const find = /** @type {HTMLInputElement} */ (byId("find"));
const LISTED = 200, REACH = 14, MARGIN = 24, COLOURS = 6;
const WHOLE = { left: 0, right: 1, low: 0, high: 1 };
/** @type {Set<number>} */
let selected = new Set();
let view = { ...WHOLE };
/** The text that is shown, by the mouse or the keyboard. @type {number | null} */
let current = null;

// --- drawing ---------------------------------------------------------------------------------------------------------

/** One scale for both axes, so that distances mean the same in all directions. */
function scale() {
  const { clientWidth: width, clientHeight: height } = canvas;
  const wide = view.right - view.left, high = view.high - view.low;
  const unit = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high);
  return { unit, left: (width - unit * wide) / 2 - unit * view.left, bottom: (height + unit * high) / 2 + unit * view.low };
}

/** @param {number} point */
function placeOf(point) {
  const { unit, left, bottom } = scale();
  return [left + unit * map.x[point], bottom - unit * map.y[point]];
}

/** @param {string} name */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The colour and the shape of a group: six colours, first as discs, then as squares. @param {number} group */
function styleOf(group) {
  if (group < 0) return { fill: colour("--other"), square: false };
  const number = map.colours[group];
  if (map.ordered) return { fill: colour(`--s${number}`), square: false };
  return { fill: colour(`--c${number % COLOURS}`), square: number >= COLOURS };
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {boolean} square
 */
function mark(pen, x, y, size, square) {
  pen.beginPath();
  if (square) pen.rect(x - 0.9 * size, y - 0.9 * size, 1.8 * size, 1.8 * size);
  else pen.arc(x, y, size, 0, 2 * Math.PI);
  pen.fill();
}

function redraw() {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(ratio, ratio);
  paint(pen);
}

/** @param {CanvasRenderingContext2D} pen */
function paint(pen) {
  const styles = new Map([...new Set(map.of)].map(group => [group, styleOf(group)]));
  const size = Math.max(2.2, Math.min(5.5, 160 / Math.sqrt(map.x.length)));
  const { unit, left, bottom } = scale();
  // What has no colour of its own lies below, what is selected above.
  const order = map.x.map((_, point) => point).sort((a, b) => rank(a) - rank(b));
  for (const point of order) {
    const { fill, square } = /** @type {{fill: string, square: boolean}} */ (styles.get(map.of[point]));
    pen.fillStyle = fill;
    pen.globalAlpha = selected.size && !selected.has(point) ? 0.13 : 0.8;
    mark(pen, left + unit * map.x[point], bottom - unit * map.y[point], size, square);
  }
  pen.globalAlpha = 1;
  if (current !== null) {
    const [x, y] = placeOf(current);
    pen.strokeStyle = colour("--ink");
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, size + 3.5, 0, 2 * Math.PI);
    pen.stroke();
  }
}

/** @param {number} point */
function rank(point) {
  return (selected.has(point) ? 2 : 0) + (map.of[point] < 0 ? 0 : 1);
}

function drawMarks() {
  for (const button of document.querySelectorAll("#groups button")) {
    const legend = button.querySelector("canvas"), pen = legend?.getContext("2d");
    if (!legend || !pen) continue;
    const { fill, square } = styleOf(Number(button.getAttribute("data-group")));
    pen.clearRect(0, 0, 32, 32);
    pen.fillStyle = fill;
    mark(pen, 16, 16, 11, square);
  }
}

// --- one text --------------------------------------------------------------------------------------------------------

/** @param {number | null} point */
function show(point) {
  current = point;
  const box = byId("shown");
  box.hidden = point === null;
  if (point !== null) {
    box.replaceChildren(...described(point));
    const [x, y] = placeOf(point), { clientWidth: width, clientHeight: height } = canvas;
    box.style.left = `${Math.max(4, Math.min(x + 14, width - box.offsetWidth - 4))}px`;
    box.style.top = `${y + 14 + box.offsetHeight < height ? y + 14 : Math.max(4, y - 14 - box.offsetHeight)}px`;
  }
  redraw();
}

/** @param {number} point */
function described(point) {
  const value = map.values[point] ? ` · ${map.title}: ${map.values[point]}` : "";
  return [make("bdi", {}, map.texts[point]), make("span", {}, `${map.names[point]}${value}`)];
}

/**
 * The point nearest to a place, within reach.
 * @param {number} x
 * @param {number} y
 */
function nearest(x, y) {
  let best = null, least = REACH ** 2;
  for (let point = 0; point < map.x.length; point++) {
    const [px, py] = placeOf(point), distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

/**
 * The nearest point in a direction, no further to its side than ahead.
 * @param {number} right
 * @param {number} up
 */
function beside(right, up) {
  if (current === null) return nearestToMiddle();
  let best = current, least = Infinity;
  for (let point = 0; point < map.x.length; point++) {
    const x = map.x[point] - map.x[current], y = map.y[point] - map.y[current];
    const ahead = x * right + y * up, aside = Math.abs(x * up) + Math.abs(y * right);
    if (ahead > 1e-9 && aside <= ahead && ahead + aside < least) [best, least] = [point, ahead + aside];
  }
  return best;
}

function nearestToMiddle() {
  const x = (view.left + view.right) / 2, y = (view.low + view.high) / 2;
  let best = 0;
  const distance = (/** @type {number} */ point) => (map.x[point] - x) ** 2 + (map.y[point] - y) ** 2;
  for (let point = 1; point < map.x.length; point++) if (distance(point) < distance(best)) best = point;
  return best;
}

// --- a selection -----------------------------------------------------------------------------------------------------

/** @param {Iterable<number>} points */
function select(points) {
  selected = new Set(points);
  byId("count").textContent = selected.size ? `${counted(selected.size, "text")} selected` : "Nothing is selected";
  for (const id of ["save", "closer", "clear"]) /** @type {HTMLButtonElement} */ (byId(id)).disabled = !selected.size;
  const rows = [...selected].sort((a, b) => a - b), items = rows.slice(0, LISTED).map(point => make("li", {}, ...described(point)));
  if (rows.length > LISTED) items.push(make("li", {}, `and ${rows.length - LISTED} more, which the CSV has`));
  byId("list").replaceChildren(...items);
  redraw();
}

/**
 * The points in a box of the canvas.
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 */
function within(from, to) {
  const [left, right] = [from.x, to.x].sort((a, b) => a - b), [top, bottom] = [from.y, to.y].sort((a, b) => a - b);
  return map.x.map((_, point) => point).filter(point => {
    const [x, y] = placeOf(point);
    return x >= left && x <= right && y >= top && y <= bottom;
  });
}

/** @param {string} cell */
function quoted(cell) {
  return `"${cell.replaceAll('"', '""')}"`;
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

function saveSelection() {
  const rows = [...selected].sort((a, b) => a - b).map(point => [map.names[point], map.texts[point], map.values[point]]);
  const lines = [["id", "text", map.title], ...rows].map(row => `${row.map(quoted).join(",")}\r\n`);
  save(new Blob(["\ufeff", ...lines], { type: "text/csv" }), "selected.csv"); // the mark tells spreadsheets that it is UTF-8
}

function savePicture() {
  const picture = make("canvas", { width: canvas.width, height: canvas.height }), pen = picture.getContext("2d");
  if (!pen) return;
  pen.fillStyle = colour("--card");
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(canvas, 0, 0);
  picture.toBlob(blob => { if (blob) save(blob, "map.png"); });
}

function lookCloser() {
  const points = [...selected], x = points.map(point => map.x[point]), y = points.map(point => map.y[point]);
  const [left, right, low, high] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
  const room = Math.max(right - left, high - low) * 0.05 + 0.01;
  lookAt({ left: left - room, right: right + room, low: low - room, high: high + room });
}

/** @param {typeof view} next */
function lookAt(next) {
  view = { ...next };
  /** @type {HTMLButtonElement} */ (byId("whole")).disabled = view.left === WHOLE.left && view.right === WHOLE.right;
  show(null);
}

// --- mouse and keyboard ----------------------------------------------------------------------------------------------

/** Where a drag began. @type {{x: number, y: number} | null} */
let start = null;
const at = (/** @type {PointerEvent} */ event) => ({ x: event.offsetX, y: event.offsetY });

canvas.addEventListener("pointerdown", event => {
  if (event.button || event.pointerType === "touch") return;
  start = at(event);
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", event => {
  const { x, y } = at(event);
  if (!start) {
    const point = nearest(x, y);
    if (point !== current) show(point);
    return;
  }
  const box = byId("box");
  box.hidden = false;
  Object.assign(box.style, { left: `${Math.min(x, start.x)}px`, top: `${Math.min(y, start.y)}px`,
    width: `${Math.abs(x - start.x)}px`, height: `${Math.abs(y - start.y)}px` });
});
canvas.addEventListener("pointerup", event => {
  const end = at(event), from = start;
  start = null;
  byId("box").hidden = true;
  if (!from) { show(nearest(end.x, end.y)); return; }
  const moved = Math.abs(end.x - from.x) + Math.abs(end.y - from.y) > 4, one = nearest(end.x, end.y);
  const points = moved ? within(from, end) : one === null ? [] : [one];
  select(event.shiftKey ? [...selected, ...points] : points);
});
canvas.addEventListener("pointerleave", () => { if (!start && document.activeElement !== canvas) show(null); });
canvas.addEventListener("keydown", event => {
  const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (step) show(beside(step[0], step[1]));
  else if (event.key === " " && current !== null) {
    const next = new Set(selected);
    if (!next.delete(current)) next.add(current);
    select(next);
  } else if (event.key === "Escape") { select([]); show(null); } else return;
  event.preventDefault();
});
canvas.addEventListener("blur", () => show(null));
for (const button of document.querySelectorAll("#groups button")) {
  button.addEventListener("click", () => {
    const group = Number(button.getAttribute("data-group"));
    select(map.of.map((_, point) => point).filter(point => map.of[point] === group));
  });
}
find.addEventListener("input", () => {
  const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const texts = map.texts.map((text, point) => `${text} ${map.values[point]}`.toLocaleLowerCase());
  select(words.length ? map.of.map((_, point) => point).filter(point => words.every(word => texts[point].includes(word))) : []);
});
byId("save").addEventListener("click", saveSelection);
byId("closer").addEventListener("click", lookCloser);
byId("whole").addEventListener("click", () => lookAt(WHOLE));
byId("clear").addEventListener("click", () => { find.value = ""; select([]); });
byId("picture").addEventListener("click", savePicture);
new ResizeObserver(() => show(current)).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawMarks(); redraw(); });
drawMarks();
redraw();

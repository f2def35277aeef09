// Groups: what hangs together, as a list of pairs and, from three documents on, as a graph and a table of shares.

const MOST_DRAWN = 40;  // members of a group that are drawn; more are no picture
const FIRST_PAIRS = 5;
const FIRST_GROUPS = 30;

/** @param {Counted} now */
function showGroups(now) {
  const list = byId("group-list"), cards = (/** @type {number} */ from, /** @type {number} */ to) =>
    now.groups.slice(from, to).map((group, place) => groupCard(group, from + place + 1, now));
  list.replaceChildren(...now.groups.length ? cards(0, FIRST_GROUPS) : [make("p", {}, "No two documents have a listed passage in common.")]);
  if (now.groups.length > FIRST_GROUPS) {
    const button = more(`Show all ${counted(now.groups.length, "group")}`, () => button.replaceWith(...cards(FIRST_GROUPS, now.groups.length)));
    list.append(button);
  }
}

/**
 * @param {CountedGroup} group
 * @param {number} number
 * @param {Counted} now
 */
function groupCard(group, number, now) {
  const shares = new Map(now.documents.map(one => [one.index, one.share]));
  const sources = group.members.filter(index => report.documents[index].source);
  const own = group.members.filter(index => !report.documents[index].source)
    .sort((a, b) => (shares.get(b) ?? 0) - (shares.get(a) ?? 0));
  const members = [...sources, ...own];
  const size = counted(own.length, "document") + (sources.length ? ` and ${counted(sources.length, "named source")}` : "");
  const card = make("article", { class: "group", id: `group-${number}`, tabindex: "-1" },
    make("h3", {}, `Group ${number}: ${size}`, make("span", { class: "small" }, ` ${counted(group.pairs.length, "pair")}`)));
  if (members.length > 2) card.append(groupPictures(group, members));
  const dates = timeline(members);
  if (dates) card.append(dates);
  const pairs = make("div", { class: "frame" }, pairTable(group.pairs.slice(0, FIRST_PAIRS)));
  if (group.pairs.length > FIRST_PAIRS)
    pairs.append(more(`Show all ${counted(group.pairs.length, "pair")}`, () => pairs.replaceChildren(pairTable(group.pairs))));
  card.append(pairs);
  return card;
}

/** @param {CountedPair[]} pairs */
function pairTable(pairs) {
  return table([["Documents and shares", ""], ["Passages", ""], ["Longest", "number-cell"], ["Texts", "number-cell"], ["Print", "print-cell"]], pairs.map(pairRow));
}

/** @param {CountedPair} counting */
function pairRow(counting) {
  const { pair, index } = counting;
  const shares = [pair.left, pair.right].flatMap((document, side) => [
    make("span", { class: "strong" }, nameOf(report.documents[document].name)),
    make("span", { class: "number-cell" }, percent(counting.shares[side])), bar([["plain", counting.shares[side]]])]);
  const tallies = EVIDENCE.map(kind => /** @type {[EvidenceName, number]} */ ([kind, counting.passages.filter(one => one.evidence === kind).length]))
    .filter(([, count]) => count)
    .map(([kind, count]) => make("span", { class: "tally" }, make("i", { class: `swatch ${kind}` }), `${count} ${kind}`));
  const names = `${report.documents[pair.left].name} and ${report.documents[pair.right].name}`;
  const confirmed = counting.passages.filter(passage => passage.verdict === "confirmed").length;
  if (confirmed) tallies.push(make("span", { class: "tally" }, `✓ ${confirmed} confirmed`));
  return [make("div", { class: "two" }, ...shares), make("span", {}, ...tallies), make("span", {}, counted(counting.longest, "word")),
    make("a", { href: `#pair-${index}`, "aria-label": `Read both: ${names}` }, "Read both"), printBox(index, names)];
}

/**
 * @param {CountedGroup} group
 * @param {number[]} members
 */
function groupPictures(group, members) {
  const drawn = members.slice(0, MOST_DRAWN);
  const names = make("ol", { class: "members" }, ...drawn.map(index => make("li", {},
    make("a", { href: `#document-${index}` }, nameOf(report.documents[index].name)), report.documents[index].source ? " (named source)" : "")));
  const places = new Map(drawn.map((index, place) => [index, place]));
  const pairs = group.pairs.filter(pair => places.has(pair.pair.left) && places.has(pair.pair.right));
  const pictures = make("div", { class: "pictures" },
    make("figure", {}, graph(pairs, places), make("figcaption", {}, "Who shares with whom: the thicker a line, the larger the share.")),
    make("figure", {}, heatmap(pairs, places), make("figcaption", {}, "How much of the text of a row stands in that of a column.")), names);
  if (drawn.length < members.length)
    pictures.append(make("p", { class: "note" }, `The first ${drawn.length} of ${members.length} are drawn.`));
  return pictures;
}

/** Layouts that were made before: a move of the mark changes few groups. @type {Map<string, [number, number][]>} */
const layouts = new Map();

/**
 * @param {CountedPair[]} pairs
 * @param {Map<number, number>} places
 */
function layoutOnce(pairs, places) {
  const key = [...places.keys(), "", ...pairs.map(pair => pair.index)].join();
  const known = layouts.get(key) ?? layout(pairs, places);
  layouts.set(key, known);
  return known;
}

/**
 * Lay members out so that those that share pull each other (Fruchterman and Reingold, 1991): from a circle, without chance.
 * @param {CountedPair[]} pairs
 * @param {Map<number, number>} places
 * @returns {[number, number][]} in a square from 0 to 1
 */
function layout(pairs, places) {
  const count = places.size, ideal = 1 / Math.sqrt(count);
  /** @type {[number, number][]} */
  const at = Array.from({ length: count }, (_, place) => [Math.cos(2 * Math.PI * place / count), Math.sin(2 * Math.PI * place / count)]);
  for (let round = 0; round < 150; round++) {
    const force = at.map(() => [0, 0]);
    const push = (/** @type {number} */ one, /** @type {number} */ other, /** @type {(far: number) => number} */ strength) => {
      const [x, y] = [at[one][0] - at[other][0], at[one][1] - at[other][1]], far = Math.hypot(x, y) || 1e-6, pull = strength(far) / far;
      force[one][0] += x * pull; force[one][1] += y * pull;
      force[other][0] -= x * pull; force[other][1] -= y * pull;
    };
    for (let one = 0; one < count; one++) for (let other = 0; other < one; other++) push(one, other, far => ideal * ideal / far);
    for (const { pair } of pairs) push(places.get(pair.left) ?? 0, places.get(pair.right) ?? 0, far => -far * far / ideal / 2);
    const most = 0.1 * (1 - round / 150);
    at.forEach((point, place) => {
      const [x, y] = force[place], far = Math.hypot(x, y) || 1, step = Math.min(far, most) / far;
      point[0] += x * step; point[1] += y * step;
    });
  }
  const [xs, ys] = [0, 1].map(axis => at.map(point => point[axis]));
  const [left, top] = [Math.min(...xs), Math.min(...ys)], wide = Math.max(Math.max(...xs) - left, Math.max(...ys) - top) || 1;
  const [shiftX, shiftY] = [(1 - (Math.max(...xs) - left) / wide) / 2, (1 - (Math.max(...ys) - top) / wide) / 2];
  return at.map(([x, y]) => [(x - left) / wide + shiftX, (y - top) / wide + shiftY]);
}

/**
 * @param {CountedPair[]} pairs
 * @param {Map<number, number>} places
 */
function graph(pairs, places) {
  const at = layoutOnce(pairs, places).map(([x, y]) => [20 + 260 * x, 20 + 260 * y]);
  const lines = pairs.map(({ pair, share, index }) => {
    const [[x1, y1], [x2, y2]] = [at[places.get(pair.left) ?? 0], at[places.get(pair.right) ?? 0]];
    return draw("line", { x1, y1, x2, y2, class: "edge", "stroke-width": 1 + 7 * share, click: () => { location.hash = `#pair-${index}`; } },
      draw("title", {}, pairTitle(pair, share)));
  });
  const dots = [...places].map(([index, place]) => {
    const [x, y] = at[place], source = report.documents[index].source;
    const shape = source ? draw("rect", { x: x - 12, y: y - 12, width: 24, height: 24 }) : draw("circle", { cx: x, cy: y, r: 12 });
    return draw("g", { class: "dot", click: () => { location.hash = `#document-${index}`; } }, shape,
      draw("text", { x, y: y + 4, "text-anchor": "middle" }, String(place + 1)), draw("title", {}, report.documents[index].name));
  });
  return draw("svg", { viewBox: "0 0 300 300", class: "graph", role: "img",
    "aria-label": `Graph of ${places.size} texts and ${pairs.length} pairs; the list of pairs says the same` }, ...lines, ...dots);
}

/**
 * @param {CountedPair[]} pairs
 * @param {Map<number, number>} places
 */
function heatmap(pairs, places) {
  const count = places.size, cell = 270 / count, at = (/** @type {number} */ place) => 28 + place * cell;
  const every = Math.ceil(count / 20);  // so that the numbers have room
  const labels = [...places.values()].filter(place => place % every === 0).flatMap(place => [
    draw("text", { x: at(place) + cell / 2, y: 20, "text-anchor": "middle" }, String(place + 1)),
    draw("text", { x: 22, y: at(place) + cell / 2 + 4, "text-anchor": "end" }, String(place + 1))]);
  const cells = pairs.flatMap(({ pair, shares, index }) => [[pair.left, pair.right, shares[0]], [pair.right, pair.left, shares[1]]].map(
    ([row, column, share]) => draw("rect", {
      x: at(places.get(column) ?? 0), y: at(places.get(row) ?? 0), width: cell, height: cell, class: "cell",
      "fill-opacity": (0.12 + 0.88 * share).toFixed(3), click: () => { location.hash = `#pair-${index}`; },
    }, draw("title", {}, `${percent(share)} of ${report.documents[row].name} stands in ${report.documents[column].name}`))));
  return draw("svg", { viewBox: "0 0 300 300", class: "heatmap", role: "img",
    "aria-label": `Shares of ${count} texts in each other; the list of pairs says the same` },
  draw("rect", { x: 28, y: 28, width: 270, height: 270, class: "ground" }), ...labels, ...cells);
}

/**
 * @param {ReportPair} pair
 * @param {number} share
 */
function pairTitle(pair, share) {
  return `${report.documents[pair.left].name} and ${report.documents[pair.right].name}: ${percent(share)}`;
}

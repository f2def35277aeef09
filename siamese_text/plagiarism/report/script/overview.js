// The overview: the histogram with its mark, the reader's choices, and the documents that need a look.

/** @type {Record<string, string>} */
const FLAGS = { disguise: "disguised letters", hidden: "hidden words", unread: "not read as a whole" };
const BINS = 20;
const FIRST_ROWS = 25;  // of a long table; the rest is one click away

/** How the documents are sorted: by which column, and whether the largest comes first. */
const order = { column: "share", down: true, all: false };

/** @type {Record<string, (one: CountedDocument) => number | string>} */
const SORTS = {
  name: one => report.documents[one.index].name,
  share: one => one.share,
  words: one => report.documents[one.index].words ?? 0,
  longest: one => one.longest,
  group: one => -one.group,
};

/** Draw everything that depends on the reader's choices. */
function showOverview() {
  const now = countAll();
  showHistogram(now.every);
  const documents = counted(now.documents.length, "document"), groups = counted(now.groups.length, "group");
  byId("listed").replaceChildren(choices.least
    ? `At least ${choices.least} %: ${documents} in ${groups}, ${counted(now.pairs.length, "pair")}.`
    : `All: ${documents} in ${groups}, ${counted(now.pairs.length, "pair")}.`);
  showDocuments(now);
  showGroups(now);
}

/** @param {CountedPair[]} pairs */
function showHistogram(pairs) {
  const bins = Array(BINS).fill(0);
  for (const pair of pairs) bins[Math.min(BINS - 1, Math.floor(BINS * pair.share))]++;
  const most = Math.max(1, ...bins), svg = byId("histogram");
  svg.setAttribute("viewBox", "0 0 400 90");
  svg.setAttribute("aria-label", `Pairs by the share that they have in common: ${bins.map((count, bin) =>
    count ? `${counted(count, "pair")} from ${100 * bin / BINS} to ${100 * (bin + 1) / BINS} %` : "").filter(Boolean).join(", ") || "none"}`);
  svg.replaceChildren(...bins.flatMap((count, bin) => {
    const height = count ? Math.max(3, 68 * Math.sqrt(count / most)) : 0, left = bin * 20;  // the root, so that one pair is seen
    const below = 100 * (bin + 1) / BINS <= choices.least;
    const column = draw("rect", { x: left + 1.5, y: 88 - height, width: 17, height, class: below ? "below" : "column" });
    return count ? [column, draw("text", { x: left + 10, y: 83 - height, "text-anchor": "middle" }, String(count))] : [column];
  }), draw("line", { x1: 0, x2: 400, y1: 88.5, y2: 88.5 }),
  draw("line", { class: "cut", x1: 4 * choices.least, x2: 4 * choices.least, y1: 4, y2: 88 }));
}

/** @param {Counted} now */
function showDocuments(now) {
  const wanted = /** @type {HTMLInputElement} */ (byId("find")).value.trim().toLowerCase();
  const found = now.documents.filter(one => report.documents[one.index].name.toLowerCase().includes(wanted));
  const key = SORTS[order.column], sign = order.down ? -1 : 1;
  found.sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    return sign * (typeof one === "string" ? one.localeCompare(String(other)) : one - Number(other));
  });
  const shown = order.all || wanted ? found : found.slice(0, FIRST_ROWS);
  const list = byId("document-table");
  if (shown.length) {
    list.replaceChildren(table(
      [[sorter("name", "Document"), "name strong"], [sorter("share", "Found elsewhere"), ""], [sorter("words", "Words"), "number-cell"],
        [sorter("longest", "Longest passage"), "number-cell"], [sorter("group", "Group"), "number-cell"], ["Main partner", "name"]],
      shown.map(documentRow)));
    if (shown.length < found.length)
      list.append(more(`Show all ${found.length}`, () => { order.all = true; showOverview(); }));
  } else {
    list.replaceChildren(make("p", { class: "more" }, wanted && now.documents.length ? "No such document is listed."
      : "No document has a counted passage in common with another one."));
  }
  showClean(new Set(now.documents.map(one => one.index)));
}

/** @param {CountedDocument} one */
function documentRow(one) {
  const itself = report.documents[one.index];
  const kinds = EVIDENCE.filter(kind => one.byEvidence[kind] > 0.0005);
  return [
    make("span", {}, make("a", { href: `#document-${one.index}` }, nameOf(itself.name)),
      ...itself.flags.map(flag => make("a", { href: "#notes", class: "flag" }, FLAGS[flag]))),
    make("div", { class: "coverage" }, make("span", { class: "strong number-cell" }, percent(one.share)),
      bar(EVIDENCE.map(kind => [kind, one.byEvidence[kind]])),
      make("span", { class: "small" }, kinds.map(kind => `${percent(one.byEvidence[kind])} ${kind}`).join(" · "))),
    make("span", {}, (itself.words ?? 0).toLocaleString("en")),
    make("span", {}, counted(one.longest, "word")),
    one.group < FIRST_GROUPS ? make("a", { href: `#group-${one.group + 1}` }, String(one.group + 1)) : make("span", {}, String(one.group + 1)),
    make("a", { href: `#pair-${one.partnerPair}` }, nameOf(report.documents[one.partner].name)),
  ];
}

/**
 * The title of a column that sorts by it; a second time the other way round.
 * @param {string} column
 * @param {string} title
 */
function sorter(column, title) {
  const here = order.column === column;
  return make("button", {
    type: "button", class: "sorter", "aria-label": `${title}: ${here ? (order.down ? "descending" : "ascending") : "sort"}`,
    "data-sort": column,
    click: () => {
      order.down = here ? !order.down : column !== "name";
      order.column = column;
      showOverview();
      /** @type {HTMLElement | null} */ (document.querySelector(`[data-sort="${column}"]`))?.focus();
    },
  }, title, make("span", { "aria-hidden": "true" }, here ? (order.down ? " ▾" : " ▴") : ""));
}

/** @param {Set<number>} listed */
function showClean(listed) {
  const clean = report.documents.filter((one, index) => !one.source && !listed.has(index));
  const title = byId("clean-title"), details = /** @type {HTMLDetailsElement} */ (title.parentElement);
  details.hidden = !clean.length;
  title.textContent = `${counted(clean.length, "document")} without a listed passage`;
  byId("clean").replaceChildren(...clean.slice(0, 1000).map(one => make("li", {}, nameOf(one.name))),
    ...(clean.length > 1000 ? [make("li", {}, `and ${clean.length - 1000} more, in documents.csv`)] : []));
}

/** Make the controls work; where nothing is shared there is nothing to choose. */
function startOverview() {
  byId("filters").hidden = !report.pairs.length;
  const least = /** @type {HTMLInputElement} */ (byId("least"));
  least.addEventListener("input", () => {
    choices.least = Number(least.value);
    least.setAttribute("aria-valuetext", `${choices.least} percent`);
    showOverview();
  });
  const words = /** @type {HTMLInputElement} */ (byId("least-words"));
  words.addEventListener("input", () => { choices.leastWords = Math.max(0, Number(words.value) || 0); showOverview(); });
  byId("find").addEventListener("input", showOverview);
  byId("evidence").append(...EVIDENCE.map(kind => choice(kind, choices.evidence, kind)));
  const used = new Set(report.pairs.flatMap(pair => pair.passages.flatMap(passage => passage.reasons)));
  for (const one of report.documents) for (const hole of one.excluded) used.add(hole[4]);
  const reasons = Object.keys(report.reasons).filter(reason => used.has(reason));
  byId("reasons").hidden = !reasons.length;
  byId("reasons").append(...reasons.map(reason => choice(reason, choices.counted, report.reasons[reason])));
}

/**
 * A box to tick, whose value is in a set while it is ticked.
 * @template {string} T
 * @param {T} value
 * @param {Set<T>} chosen
 * @param {string} title
 */
function choice(value, chosen, title) {
  const box = make("input", {
    type: "checkbox", value, checked: chosen.has(value),
    change: () => { if (box.checked) chosen.add(value); else chosen.delete(value); showOverview(); },
  });
  return make("label", {}, box, ` ${title}`);
}

// The reader: two texts side by side, or one text with all its sources.

/** What is open: the pair and its passages in the order of the left text, and which of them is the current one. */
const reading = {
  pair: /** @type {ReportPair | null} */ (null),
  passages: /** @type {ReportPassage[]} */ ([]),
  texts: /** @type {(string[] | null)[]} */ ([]),
  current: -1,
};

/** @param {number} index */
async function openPair(index) {
  const pair = report.pairs[index];
  const sides = [report.documents[pair.left], report.documents[pair.right]];
  const texts = await Promise.all(sides.map(textOf));
  const order = [...pair.passages].sort((a, b) => a.left[0] - b.left[0] || a.right[0] - b.right[0]);
  Object.assign(reading, { pair, passages: order, texts, current: -1 });
  const shares = countPair(pair, index).shares;
  const columns = sides.map((one, side) => make("section", { class: "side", "aria-label": one.name },
    make("h3", {}, make("a", { href: `#document-${side ? pair.right : pair.left}` }, nameOf(one.name)),
      make("span", { class: "share" }, make("b", {}, percent(shares[side])), " of this text",
        ...(one.date ? [make("span", { class: "print-only" }, `${report.dated === "given" ? "date" : "date of the file"}: ${dateOf(one)}`)] : []))),
    textOrPlaces(one, texts[side], order.map((passage, place) => markOf(passage, place, side)))));
  const chips = make("div", { class: "strip", role: "group", "aria-label": "Passages" });
  byId("reader").replaceChildren(
    readerHead(nameOf(sides[0].name), " and ", nameOf(sides[1].name)),
    make("p", { class: "lead" }, "A passage has the same number and colour on both sides; choose it to see it on the other side.",
      texts.some(Boolean) ? " Tinted words stand in both texts, words that are only underlined were changed." : " This report holds no texts."),
    chips, make("div", { id: "passage", "aria-live": "polite" }), make("div", { class: "print-only" }, ...order.map(aboutPassage)),
    make("div", { class: "sides" }, ...columns));
  byId("reader").onclick = chooseMark;
  showChips();
  if (order.length) choosePassage(Math.max(0, order.findIndex(counts)), null);
}

/** The number of a passage as in the files; those that do not count have letters. @param {ReportPassage} passage */
function labelOf(passage) {
  if (passage.number) return String(passage.number);
  const place = reading.passages.filter(one => !one.number).indexOf(passage);
  return String.fromCharCode(97 + place % 26).repeat(1 + Math.floor(place / 26));
}

/**
 * @param {ReportPassage} passage
 * @param {number} place
 * @param {number} side
 * @returns {Mark}
 */
function markOf(passage, place, side) {
  const [start, end] = side ? passage.right : passage.left;
  return { key: String(place), label: labelOf(passage), hue: place % HUES, start, end, common: passage.common?.[side] ?? [], faint: !counts(passage) };
}

/**
 * @param {ReportDocument} one
 * @param {string[] | null} points
 * @param {Mark[]} marks
 */
function textOrPlaces(one, points, marks) {
  if (points) return markedText(one, points, marks, one.name);
  return make("div", { class: "pane" }, make("ul", { class: "text places", tabindex: "0" }, ...marks.map(mark => make("li", { "data-match": mark.key },
    numberOf(mark), ` characters ${mark.start.toLocaleString("en")} to ${mark.end.toLocaleString("en")} of ${one.characters.toLocaleString("en")}`))),
  minimap(marks, one.characters));
}

/** @param {...(Node | string)} title */
function readerHead(...title) {
  return make("div", { class: "reader-head" },
    make("nav", { "aria-label": "Reader" }, make("a", { href: "#overview" }, "← All documents"),
      make("button", { type: "button", click: () => print() }, "Print this page")),
    make("h2", { tabindex: "-1" }, ...title),
    make("p", { class: "print-only small" }, report.made ? `Report of ${report.made.slice(0, 10)}. ` : "",
      "Similarity is not proof: read the passages before you conclude."));
}

/** A button for each passage, those that do not count struck through. */
function showChips() {
  const strip = byId("reader").querySelector(".strip");
  if (!strip) return;
  strip.replaceChildren(...reading.passages.map((passage, place) => make("button", {
    type: "button", class: `chip c${place % HUES}${counts(passage) ? "" : " faint"}${place === reading.current ? " current" : ""}`,
    "data-match": place, "aria-pressed": String(place === reading.current),
  }, make("span", { class: "number" }, labelOf(passage)), `${counted(passage.words, "word")} · ${passage.evidence}`,
  passage.verdict === "confirmed" ? " ✓" : passage.verdict === "dismissed" ? " ✗" : "")),
  ...(reading.texts.some(Boolean) ? [make("label", {}, onlyPassages(), " Only the passages")] : []),
  make("span", { class: "steps" },
    make("button", { type: "button", click: () => step(-1) }, "Previous ", make("kbd", {}, "P")),
    make("button", { type: "button", click: () => step(1) }, "Next ", make("kbd", {}, "N"))));
}

/** A box that folds long stretches without a passage, here and in print. */
function onlyPassages() {
  const box = make("input", { type: "checkbox", id: "only-passages", checked: byId("reader").classList.contains("passages"),
    change: () => { byId("reader").classList.toggle("passages", box.checked); scrollToMark(byId("reader"), String(reading.current)); } });
  return box;
}

/** @param {MouseEvent} event */
function chooseMark(event) {
  const target = /** @type {Element} */ (event.target).closest("[data-match]");
  if (!target || !getSelection()?.isCollapsed) return;
  choosePassage(Number((target.getAttribute("data-match") ?? "").split(" ")[0]), target.closest(".text"));
}

/**
 * @param {number} place
 * @param {Element | null} from the text that it was chosen in
 */
function choosePassage(place, from) {
  if (!reading.pair) { scrollToMark(byId("reader"), String(place), from); return; }
  reading.current = place;
  showChips();
  showPassage();
  scrollToMark(byId("reader"), String(place), from);
}

/** Go to the next passage, and from the last one to the next listed pair. @param {number} by */
function step(by) {
  const next = reading.current + by;
  if (next >= 0 && next < reading.passages.length) { choosePassage(next, null); return; }
  const listed = countAll().pairs.map(pair => pair.index);
  const pair = listed[listed.findIndex(index => report.pairs[index] === reading.pair) + by];
  if (pair !== undefined) location.hash = `#pair-${pair}`;
}

/** Say why a passage counts, or why not. @param {ReportPassage} passage */
function aboutPassage(passage) {
  const reasons = passage.reasons.map(reason => (reason === "common" ? `in ${passage.shared_by} documents` : report.reasons[reason]));
  const about = make("div", {}, make("h3", {}, `Passage ${labelOf(passage)}`, make("span", { class: "small" },
    ` ${counted(passage.words, "word")} · ${passage.evidence}${whereIs(passage)}`)));
  if (reasons.length) about.append(make("p", {}, `Not counted: ${reasons.join(", ")}.`));
  if (passage.verdict) {
    const verdict = passage.verdict === "dismissed" ? "Dismissed, not counted" : "Confirmed";
    about.append(make("p", {}, `${verdict}${passage.note ? `: ${passage.note}` : "."}`));
  }
  about.append(make("ul", { class: "why" }, ...passage.why.map(sentence => make("li", {}, sentence))));
  const [left, right] = reading.texts;
  if (passage.evidence === "edited" && left && right) about.append(differences(passage, left, right));
  return about;
}

/** Say why the current passage counts, and take a verdict on it. */
function showPassage() {
  const passage = reading.passages[reading.current];
  byId("passage").replaceChildren(aboutPassage(passage), ...(passage.reasons.length ? [] : [verdictControls(passage)]));
}

/** The page, slide, chapter or paragraph of a passage on both sides. @param {ReportPassage} passage */
function whereIs(passage) {
  return ` · left: ${passage.where[0]}, right: ${passage.where[1]}`;
}

/**
 * One text with all its sources: each can be left out, and says what it adds to those before it.
 * @param {number} index
 */
async function openDocument(index) {
  const one = report.documents[index], points = await textOf(one);
  reading.pair = null;
  const sources = countAll().every.filter(({ pair }) => pair.left === index || pair.right === index)
    .map(counting => ({ counting, side: counting.pair.left === index ? 0 : 1 }))
    .sort((a, b) => b.counting.shares[b.side] - a.counting.shares[a.side]);
  const left = /** @type {Set<number>} */ (new Set());  // sources that the reader left out
  const pane = make("div"), list = make("div", { class: "frame" }), total = make("p", { role: "status" });
  const show = () => {
    const used = sources.map((source, place) => ({ ...source, place })).filter(({ place }) => !left.has(place));
    const marks = used.flatMap(({ counting, side, place }) => counting.passages.map(passage => {
      const [start, end] = side ? passage.right : passage.left;
      return { key: String(place), label: String(place + 1), hue: place % HUES, start, end, common: passage.common?.[side] ?? [], faint: false };
    }));
    pane.replaceChildren(textOrPlaces(one, points, marks));
    const placesOf = (/** @type {typeof used} */ some) =>
      some.flatMap(({ counting, side }) => counting.passages.map(passage => (side ? passage.right : passage.left)));
    total.replaceChildren(make("b", {}, percent(shareOf(one, placesOf(used)))), ` of this text stands in the ${used.length} texts that are ticked.`);
    list.replaceChildren(table([["Text", "name"], ["Shares", "number-cell"], ["Adds", "number-cell"], ["Both", "number-cell"]],
      sources.map(({ counting, side }, place) => {
        const before = used.filter(source => source.place < place), here = used.filter(source => source.place <= place);
        const other = report.documents[side ? counting.pair.left : counting.pair.right];
        const box = make("input", { type: "checkbox", checked: !left.has(place), "aria-label": `Count ${other.name}`,
          change: () => { if (box.checked) left.delete(place); else left.add(place); show(); } });
        return [make("span", {}, box, " ", make("button", { type: "button", class: `number c${place % HUES}`, "data-match": place,
          "aria-label": `Show passage of text ${place + 1}` }, String(place + 1)), " ", nameOf(other.name)),
        make("span", {}, percent(counting.shares[side])),
        make("span", {}, left.has(place) ? "–" : percent(shareOf(one, placesOf(here)) - shareOf(one, placesOf(before)))),
        make("a", { href: `#pair-${counting.index}`, "aria-label": `Read both: ${one.name} and ${other.name}` }, "Read both")];
      })));
  };
  byId("reader").replaceChildren(readerHead(nameOf(one.name)),
    make("p", { class: "lead" }, "All texts that it shares passages with. “Adds” is what a text has beyond those above it."),
    make("div", { class: "sides" }, make("section", { class: "side" }, pane), make("section", { class: "side" }, total, list)));
  byId("reader").onclick = chooseMark;
  show();
}

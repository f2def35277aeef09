// A text with what is marked in it: passages with a number and a colour, and struck through what does not count.

const HUES = 7;
const AROUND = 240;  // characters of context that stay where a long stretch without a passage is folded

/**
 * The text of a document, its marks and its minimap.
 * @param {ReportDocument} one
 * @param {string[]} points its text in code points
 * @param {Mark[]} marks
 * @param {string} name of the column, for those who hear the page
 */
function markedText(one, points, marks, name) {
  const holes = one.excluded.filter(hole => !choices.counted.has(hole[4]));
  const ends = [...marks, ...holes.map(hole => ({ start: hole[0], end: hole[1], common: [] }))]
    .flatMap(mark => [mark.start, mark.end, ...mark.common.flat()]);
  const cuts = [...new Set([0, points.length, ...ends])].sort((a, b) => a - b);
  const text = make("div", { class: "text", dir: "auto", tabindex: "0", role: "region", "aria-label": name });
  for (let place = 0; place + 1 < cuts.length; place++) {
    const [start, end] = [cuts[place], cuts[place + 1]];
    const covering = marks.filter(mark => mark.start < end && mark.end > start);
    for (const mark of covering) if (mark.start === start) text.append(numberOf(mark));
    const hole = holes.find(other => other[0] < end && other[1] > start);
    text.append(stretch(points.slice(start, end).join(""), covering, hole?.[4],
      covering.some(mark => mark.common.some(run => run[0] < end && run[1] > start))));
  }
  return make("div", { class: "pane" }, text, minimap(marks, points.length));
}

/**
 * @param {string} text
 * @param {Mark[]} covering
 * @param {string | undefined} reason why it does not count
 * @param {boolean} common whether its words stand on the other side too
 */
function stretch(text, covering, reason, common) {
  if (!covering.length && !reason) return folding(text);
  const title = reason ? `Not counted: ${report.reasons[reason]}` : null;
  if (!covering.length) return make("span", { class: "excluded", title }, text);
  const [first, second] = covering;
  const style = [`c${first.hue}`, second ? `over under-c${second.hue}` : "", common ? "shared" : "", reason ? "excluded" : "",
    covering.every(mark => mark.faint) ? "faint" : ""].filter(Boolean).join(" ");
  return make("mark", { "data-match": covering.map(mark => mark.key).join(" "), class: style, title }, text);
}

/**
 * A stretch without a passage; the middle of a long one is left out where the reader wants passages alone.
 * @param {string} text
 */
function folding(text) {
  const from = text.indexOf(" ", AROUND), to = text.lastIndexOf(" ", text.length - AROUND);
  if (from < 0 || to - from < 2 * AROUND) return document.createTextNode(text);
  return make("span", {}, text.slice(0, from), make("span", { class: "far" }, text.slice(from, to)),
    make("span", { class: "folded" }, ` [… ${counted(to - from, "character")} …]`), text.slice(to));
}

/** @param {Mark} mark */
function numberOf(mark) {
  return make("button", { type: "button", class: `number c${mark.hue}${mark.faint ? " faint" : ""}`, "data-match": mark.key,
    "data-number": mark.key, "aria-label": `Passage ${mark.label}` }, mark.label);
}

/**
 * Where the marks stand in the whole text.
 * @param {Mark[]} marks
 * @param {number} length
 */
function minimap(marks, length) {
  return make("div", { class: "map", "aria-hidden": "true" }, ...marks.map(mark => {
    const place = make("i", { class: `c${mark.hue}${mark.faint ? " faint" : ""}`, "data-match": mark.key });
    place.style.top = `${100 * mark.start / length}%`;
    place.style.height = `${100 * (mark.end - mark.start) / length}%`;
    return place;
  }));
}

/**
 * Show a passage wherever it stands, but leave the text that it was chosen in where it is.
 * @param {Element} within
 * @param {string} key
 * @param {Element | null} [from]
 */
function scrollToMark(within, key, from = null) {
  for (const element of within.querySelectorAll("[data-match]"))
    element.classList.toggle("current", (element.getAttribute("data-match") ?? "").split(" ").includes(key));
  for (const text of within.querySelectorAll(".text")) {
    const badge = text.querySelector(`[data-number="${key}"]`);
    if (!badge || text === from) continue;
    text.scrollTop += badge.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 4;
  }
}

/**
 * What was changed, word by word: only on the left struck through, only on the right underlined.
 * @param {ReportPassage} passage
 * @param {string[]} left
 * @param {string[]} right
 */
function differences(passage, left, right) {
  const shown = make("p", { class: "differences", dir: "auto" });
  let [at, other] = [passage.left[0], passage.right[0]];
  const change = (/** @type {number} */ end, /** @type {number} */ otherEnd) => {
    const [gone, come] = [left.slice(at, end).join(""), right.slice(other, otherEnd).join("")];
    if (gone.trim() === come.trim()) { shown.append(gone); return; }
    for (const [tag, words] of /** @type {["del" | "ins", string][]} */ ([["del", gone.trim()], ["ins", come.trim()]]))
      if (words) shown.append(" ", make(tag, {}, words));
    shown.append(" ");
  };
  const [ours, theirs] = passage.common ?? [[], []];
  ours.forEach(([start, end], run) => {
    change(start, theirs[run][0]);
    shown.append(left.slice(start, end).join(""));
    [at, other] = [end, theirs[run][1]];
  });
  change(passage.left[1], passage.right[1]);
  return shown;
}

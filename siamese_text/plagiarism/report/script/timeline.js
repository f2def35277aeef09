// When the documents of a group were written, where their files or a table say so: a hint, and called one.

const SAME_TIME = 60_000;  // milliseconds: files that were copied together have all one date
const DATED = report.dated === "given" ? "Dates as they were given with --dates."
  : "Dates of the files. Copying, unpacking or saving a file anew changes its date: a hint, and no evidence of who was first.";

/**
 * The documents of a group in the order of their dates; null where they say nothing.
 * @param {number[]} members
 */
function timeline(members) {
  const dated = members.map(index => ({ one: report.documents[index], index, time: Date.parse(report.documents[index].date ?? "") }))
    .filter(({ time }) => !Number.isNaN(time)).sort((a, b) => a.time - b.time);
  const first = dated[0]?.time, span = dated.length ? dated[dated.length - 1].time - first : 0;
  if (span < SAME_TIME) return null;
  const at = (/** @type {number} */ time) => 12 + 576 * (time - first) / span;
  const strip = draw("svg", { viewBox: "0 0 600 34", class: "timeline", "aria-hidden": "true" },
    draw("line", { x1: 12, x2: 588, y1: 17, y2: 17 }),
    ...dated.map(({ one, time }) => draw("circle", { cx: at(time), cy: 17, r: 7 }, draw("title", {}, `${one.name}: ${dateOf(one)}`))));
  const rows = dated.slice(0, MOST_DRAWN).map(({ one, index }) => make("li", {},
    make("a", { href: `#document-${index}` }, nameOf(one.name)), make("span", { class: "small" }, ` ${dateOf(one)}`)));
  return make("details", { class: "clean" }, make("summary", {}, `In the order of their dates (${dated.length} of ${members.length} have one)`),
    make("p", { class: "note" }, DATED), strip, make("ol", {}, ...rows,
      ...(dated.length > rows.length ? [make("li", {}, `and ${dated.length - rows.length} more`)] : [])));
}

/** The day and the minute of a document. @param {ReportDocument} one */
function dateOf(one) {
  return (one.date ?? "").replace("T", " ").replace(/^(\S+ \d\d:\d\d).*$/, "$1") + (/(\+00:00|Z)$/.test(one.date ?? "") ? " UTC" : "");
}

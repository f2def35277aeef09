// Pieces of this page.

/**
 * A name of a file, which may be written in any direction.
 * @param {string} name
 */
function nameOf(name) {
  return make("bdi", {}, name);
}

/**
 * Round to whole percents, but never something to nothing or a part to all.
 * @param {number} share
 */
function percent(share) {
  if (share > 0 && share < 0.01) return "<1%";
  if (share > 0.99 && share < 1) return ">99%";
  return `${Math.round(100 * share)}%`;
}

/**
 * A bar of shares, each with the pattern of its kind; the figure stands beside it in words.
 * @param {[string, number][]} shares
 */
function bar(shares) {
  const parts = shares.filter(([, share]) => share > 0).map(([kind, share]) => {
    const part = make("i", { class: kind });
    part.style.width = `${100 * share}%`;
    return part;
  });
  return make("span", { class: "bar", "aria-hidden": "true" }, ...parts);
}

/**
 * A button for what a list leaves out.
 * @param {string} title
 * @param {() => void} show
 */
function more(title, show) {
  return make("p", { class: "more" }, make("button", { type: "button", click: show }, title));
}

/**
 * A table: columns as [title, class]; a cell of the first column is the heading of its row.
 * @param {[string | Node, string][]} columns
 * @param {HTMLElement[][]} rows
 */
function table(columns, rows) {
  const titles = columns.map(([title]) => (typeof title === "string" ? title : title.firstChild?.textContent ?? ""));
  const head = columns.map(([title, style]) => make("th", { scope: "col", class: style }, title));
  const body = rows.map(cells => make("tr", {}, ...cells.map((cell, place) =>
    make("td", { "data-label": titles[place], class: columns[place][1] }, cell))));
  return make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
}

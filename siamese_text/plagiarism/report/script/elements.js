// Making elements. Whatever comes from a document is added as text, never as markup.

/**
 * Make an element; attributes that are functions become listeners, `true` is an attribute without a value.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/**
 * @param {Element} element
 * @param {Record<string, unknown>} attributes
 */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

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
 * @param {number} count
 * @param {string} noun
 * @param {string} [plural]
 */
function counted(count, noun, plural = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
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

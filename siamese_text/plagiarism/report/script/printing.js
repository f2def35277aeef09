// Pairs that the reader chose, printed one after the other, each from a new page on, with long stretches folded.

/** Places of the chosen pairs. @type {Set<number>} */
const chosen = new Set();

/**
 * A box that puts a pair on the list of those to be printed.
 * @param {number} index
 * @param {string} names
 */
function printBox(index, names) {
  const box = make("input", { type: "checkbox", checked: chosen.has(index), "aria-label": `Choose for printing: ${names}`, "data-print": index,
    change: () => { if (box.checked) chosen.add(index); else chosen.delete(index); showChosen(); } });
  return box;
}

function showChosen() {
  const here = byId("chosen");
  here.hidden = !chosen.size;
  here.replaceChildren(make("span", {}, `${counted(chosen.size, "pair")} chosen. `),
    make("button", { type: "button", id: "print-chosen", click: () => printPairs([...chosen].sort((a, b) => a - b)) }, "Print them"),
    " ", make("button", { type: "button", click: () => { chosen.clear(); showChosen(); showOverview(); } }, "Choose none"));
}

/** @param {number[]} pairs */
async function printPairs(pairs) {
  const sheets = [];
  for (const index of pairs) {
    await openPair(index);
    const sheet = make("article", {}, ...[...byId("reader").childNodes].map(node => node.cloneNode(true)));
    for (const live of sheet.querySelectorAll("nav, label, #passage, .map")) live.remove();
    sheets.push(sheet);
  }
  byId("reader").replaceChildren();
  reading.pair = null;
  byId("printed").replaceChildren(...sheets);
  document.body.classList.add("printing");
  print();
}

addEventListener("afterprint", () => {
  document.body.classList.remove("printing");
  byId("printed").replaceChildren();
});

// What is shown follows the address: #pair-3 and #document-5 open the reader, all else is the overview.

let overviewScroll = 0;

async function route() {
  const [, kind, digits] = /^#(pair|document)-(\d+)$/.exec(location.hash) ?? [];
  const known = { pair: report.pairs, document: report.documents }[kind]?.[Number(digits)];
  const overview = byId("overview"), reader = byId("reader");
  if (!overview.hidden) overviewScroll = scrollY;
  if (!known) {
    const back = overview.hidden;
    reader.hidden = true;
    overview.hidden = false;
    if (back) {
      showOverview();
      if (location.hash === "#overview") scrollTo(0, overviewScroll);
      else document.getElementById(location.hash.slice(1))?.scrollIntoView();
    }
    return;
  }
  await (kind === "pair" ? openPair(Number(digits)) : openDocument(Number(digits))).catch(error =>
    reader.replaceChildren(readerHead("Not found"), make("p", {}, `${error.message} is missing: keep the folder of texts beside this page.`)));
  overview.hidden = true;
  reader.hidden = false;
  scrollTo(0, 0);
  reader.querySelector("h2")?.focus();
  if (reading.pair && reading.current >= 0) scrollToMark(reader, String(reading.current));  // a hidden text does not scroll
}

addEventListener("hashchange", route);
addEventListener("beforeunload", event => { if (unsaved) event.preventDefault(); });
addEventListener("keydown", event => {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || byId("reader").hidden || target.matches("input")) return;
  const key = event.key.toLowerCase();
  if (key === "escape") location.hash = "#overview";
  if (!reading.pair) return;
  if (key === "n") step(1);
  if (key === "p") step(-1);
  const verdict = { c: "confirmed", d: "dismissed" }[key];
  if (verdict) /** @type {HTMLElement | null} */ (document.querySelector(`[data-verdict="${verdict}"]`))?.click();
});

for (const element of document.querySelectorAll(".scripted")) element.classList.remove("scripted");
startOverview();
showOverview();
route();

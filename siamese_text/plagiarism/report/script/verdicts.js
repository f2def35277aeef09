// Verdicts: what the reader says of passages. A page cannot write a file, so it offers one to be saved for the next run.

/** All that was said, by fingerprint, also of passages that are not on this page. @type {Map<string, SavedVerdict>} */
const verdicts = new Map(report.verdicts.map(verdict => [verdict.fingerprint, verdict]));
let unsaved = 0;
/** @type {Record<VerdictName, string>} */
const MEANING = {
  confirmed: "It was looked at and stays on the list, with a mark.",
  dismissed: "It was looked at and is nothing to ask about: it counts no more.",
};

/** @param {ReportPassage} passage */
function verdictControls(passage) {
  const same = report.pairs.filter(pair => pair.passages.some(one => one.fingerprint === passage.fingerprint)).length - 1;
  const note = make("input", { type: "text", value: passage.note, maxlength: "500", id: "note", autocomplete: "off",
    change: () => { if (passage.verdict) keepVerdict(passage, passage.verdict, note.value); } });
  const button = (/** @type {VerdictName} */ verdict, /** @type {string} */ title, /** @type {string} */ key) => make("button", {
    type: "button", "data-verdict": verdict, title: MEANING[verdict], "aria-pressed": String(passage.verdict === verdict),
    click: () => keepVerdict(passage, passage.verdict === verdict ? null : verdict, note.value),
  }, `${title} `, make("kbd", {}, key));
  return make("div", { class: "verdict", role: "group", "aria-label": "Your verdict" }, button("confirmed", "Confirm", "C"), button("dismissed", "Dismiss", "D"),
    make("label", { for: "note" }, "Note"), note,
    ...(same > 0 ? [make("span", { class: "small" }, `Holds for ${counted(same, "other pair")} with the same two passages too.`)] : []));
}

/**
 * @param {ReportPassage} passage
 * @param {VerdictName | null} verdict none takes it back
 * @param {string} note
 */
function keepVerdict(passage, verdict, note) {
  const pair = reading.pair;
  if (!pair) return;
  const { fingerprint } = passage;
  for (const other of report.pairs.flatMap(one => one.passages)) if (other.fingerprint === fingerprint) Object.assign(other, { verdict, note });
  if (verdict) {
    const [left, right] = [pair.left, pair.right].map(index => report.documents[index].name);
    verdicts.set(fingerprint, { fingerprint, verdict, note, left, right });
  } else {
    verdicts.delete(fingerprint);
  }
  unsaved++;
  showUnsaved();
  const { current } = reading, focused = document.activeElement?.getAttribute("data-verdict");
  openPair(report.pairs.indexOf(pair)).then(() => {
    choosePassage(current, null);
    if (focused) /** @type {HTMLElement | null} */ (document.querySelector(`[data-verdict="${focused}"]`))?.focus();
  });
}

function showUnsaved() {
  const here = byId("unsaved");
  here.hidden = !unsaved;
  here.replaceChildren(make("span", {}, `${counted(verdicts.size, "verdict")}, not saved yet. The next run reads the file with --verdicts. `),
    make("button", { type: "button", id: "save", click: saveVerdicts }, "Save verdicts"));
}

function saveVerdicts() {
  const lines = [...verdicts.values()].map(verdict => JSON.stringify(verdict) + "\n").join("");
  const link = make("a", { href: URL.createObjectURL(new Blob([lines], { type: "application/jsonl" })), download: "verdicts.jsonl" });
  link.click();
  URL.revokeObjectURL(link.href);
  unsaved = 0;
  showUnsaved();
}

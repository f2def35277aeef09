// What the page knows, and what its reader chose.

/** @type {ReportData} */
const report = JSON.parse(byId("report-data").textContent ?? "");
/** @type {EvidenceName[]} */
const EVIDENCE = ["identical", "edited", "paraphrase"];  // from the surest to the weakest

const choices = {
  least: 0,  // percent that a listed pair shares
  leastWords: 0,
  evidence: new Set(EVIDENCE),
  counted: /** @type {Set<string>} */ (new Set()),  // reasons that are no reasons any more
};

/** The texts of each file, by its number; those within the page are file 0. @type {Map<number, Promise<string[]>>} */
const files = new Map([[0, Promise.resolve(report.texts)]]);
/** @type {Map<number, (texts: string[]) => void>} */
const waiting = new Map();

/**
 * Called by each file of texts: a page that was opened from a disk may not read files, but may run them.
 * @param {number} number
 * @param {string[]} texts
 */
function siameseTextPart(number, texts) {
  waiting.get(number)?.(texts);
}

/**
 * Return the text of a document in code points, as its places are counted; null where the report holds none.
 * @param {ReportDocument} one
 * @returns {Promise<string[] | null>}
 */
async function textOf(one) {
  if (!one.text) return null;
  const [file, place] = one.text;
  let texts = files.get(file);
  if (!texts) {
    texts = new Promise((resolve, reject) => {
      waiting.set(file, resolve);
      document.head.append(make("script", { src: `texts/${file}.js`, error: () => reject(new Error(`texts/${file}.js`)) }));
    });
    files.set(file, texts);
  }
  return Array.from((await texts)[place]);
}

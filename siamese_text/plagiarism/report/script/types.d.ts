// The shapes of what the page knows: contents.py writes them. Read by `tsc --checkJs` alone, never by a browser.

/** [start, end, ink before the start, ink before the end]: in code points, and in characters that are no white space. */
type Place = [number, number, number, number];
/** [start, end] in code points. */
type Run = [number, number];
/** [first, one past the last] in ink. */
type Interval = [number, number];
type EvidenceName = "identical" | "edited" | "paraphrase";
type VerdictName = "confirmed" | "dismissed";

interface ReportDocument {
  name: string;
  source: boolean;
  words: number | null;
  characters: number;
  ink: number;
  flags: string[];
  /** When it was written, or its file was last changed; see ReportData.dated. */
  date: string | null;
  excluded: [number, number, number, number, string][];
  text: [number, number] | null;
}

interface ReportPassage {
  number: number;
  evidence: EvidenceName;
  words: number;
  left: Place;
  right: Place;
  common: [Run[], Run[]] | null;
  /** The page, slide, chapter or paragraph on both sides. */
  where: [string, string];
  reasons: string[];
  shared_by: number;
  fingerprint: string;
  verdict: VerdictName | null;
  note: string;
  why: string[];
}

interface ReportPair {
  left: number;
  right: number;
  passages: ReportPassage[];
}

interface SavedVerdict {
  fingerprint: string;
  verdict: VerdictName;
  note: string;
  left: string;
  right: string;
}

interface ReportData {
  documents: ReportDocument[];
  pairs: ReportPair[];
  texts: string[];
  verdicts: SavedVerdict[];
  reasons: Record<string, string>;
  left_out: number;
  /** Where dates come from: a table that was given, or the files. */
  dated: "given" | "files";
  /** When the report was made. */
  made: string | null;
}

/** A pair as it stands under the reader's choices: its place in the data, the passages that count, and its shares. */
interface CountedPair {
  index: number;
  pair: ReportPair;
  passages: ReportPassage[];
  shares: [number, number];
  share: number;
  longest: number;
}

interface CountedDocument {
  index: number;
  share: number;
  byEvidence: Record<EvidenceName, number>;
  longest: number;
  partner: number;
  partnerPair: number;
  group: number;
}

interface CountedGroup {
  members: number[];
  pairs: CountedPair[];
}

interface Counted {
  /** All pairs with a passage that counts, for the histogram. */
  every: CountedPair[];
  /** Those of them that reach the least share. */
  pairs: CountedPair[];
  documents: CountedDocument[];
  groups: CountedGroup[];
}

/** A stretch of a shown text: `key` names it on both sides, `label` is what the reader sees. */
interface Mark {
  key: string;
  label: string;
  hue: number;
  start: number;
  end: number;
  common: Run[];
  faint: boolean;
}

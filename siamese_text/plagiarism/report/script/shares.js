// Shares: what two documents have in common under the reader's choices. The same sums as in the check (coverage.py).

/**
 * Join intervals that touch or overlap.
 * @param {Interval[]} intervals
 * @returns {Interval[]}
 */
function union(intervals) {
  /** @type {Interval[]} */
  const joined = [];
  for (const [start, end] of [...intervals].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = joined[joined.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else if (end > start) joined.push([start, end]);
  }
  return joined;
}

/** @param {Interval[]} intervals */
function size(intervals) {
  return intervals.reduce((sum, [start, end]) => sum + end - start, 0);
}

/**
 * @param {Interval[]} ones joined
 * @param {Interval[]} others joined
 */
function overlap(ones, others) {
  let sum = 0, at = 0;
  for (const [start, end] of ones) {
    while (at > 0 && others[at - 1][1] > start) at--;
    while (at < others.length && others[at][1] <= start) at++;
    for (let place = at; place < others.length && others[place][0] < end; place++)
      sum += Math.min(end, others[place][1]) - Math.max(start, others[place][0]);
  }
  return sum;
}

/**
 * The share of a document that some places cover, without what is excluded from it.
 * @param {ReportDocument} one
 * @param {Place[]} places
 */
function shareOf(one, places) {
  const kept = one.excluded.filter(hole => !choices.counted.has(hole[4]));
  const holes = union(kept.map(hole => [hole[2], hole[3]]));
  const covered = union(places.map(place => [place[2], place[3]]));
  const whole = one.ink - size(holes);
  return whole > 0 ? (size(covered) - overlap(covered, holes)) / whole : 0;
}

/**
 * Whether a passage counts now.
 * @param {ReportPassage} passage
 */
function counts(passage) {
  return passage.verdict !== "dismissed" && choices.evidence.has(passage.evidence) && passage.words >= choices.leastWords
    && passage.reasons.every(reason => choices.counted.has(reason));
}

/** Count everything anew. @returns {Counted} */
function countAll() {
  const every = report.pairs.map((pair, index) => countPair(pair, index)).filter(pair => pair.passages.length > 0);
  const pairs = every.filter(pair => 100 * pair.share >= choices.least).sort((a, b) => b.share - a.share);
  const groups = groupsOf(pairs);
  return { every, pairs, groups, documents: documentsOf(pairs, groups) };
}

/**
 * @param {ReportPair} pair
 * @param {number} index
 * @returns {CountedPair}
 */
function countPair(pair, index) {
  const passages = pair.passages.filter(counts);
  const left = shareOf(report.documents[pair.left], passages.map(passage => passage.left));
  const right = shareOf(report.documents[pair.right], passages.map(passage => passage.right));
  const longest = Math.max(0, ...passages.map(passage => passage.words));
  return { index, pair, passages, shares: [left, right], share: Math.max(left, right), longest };
}

/**
 * Gather what hangs together, directly or through others; the largest group first.
 * @param {CountedPair[]} pairs
 * @returns {CountedGroup[]}
 */
function groupsOf(pairs) {
  /** @type {Map<number, CountedGroup>} */
  const groupOf = new Map();
  for (const pair of pairs) {
    const ones = groupOf.get(pair.pair.left) ?? { members: [pair.pair.left], pairs: [] };
    const others = groupOf.get(pair.pair.right) ?? { members: [pair.pair.right], pairs: [] };
    const group = ones === others ? ones
      : { members: [...ones.members, ...others.members], pairs: [...ones.pairs, ...others.pairs] };
    group.pairs.push(pair);
    for (const member of group.members) groupOf.set(member, group);
  }
  return [...new Set(groupOf.values())].sort((a, b) => b.members.length - a.members.length || b.pairs[0].share - a.pairs[0].share);
}

/**
 * @param {CountedPair[]} pairs
 * @param {CountedGroup[]} groups
 * @returns {CountedDocument[]}
 */
function documentsOf(pairs, groups) {
  /** @type {Map<number, CountedPair[]>} */
  const pairsOf = new Map();
  for (const pair of pairs)
    for (const index of [pair.pair.left, pair.pair.right]) pairsOf.set(index, [...(pairsOf.get(index) ?? []), pair]);
  const found = [];
  for (const [index, own] of pairsOf) {
    if (report.documents[index].source) continue;
    const sideOf = (/** @type {CountedPair} */ pair) => (pair.pair.left === index ? 0 : 1);
    const places = (/** @type {EvidenceName[]} */ kinds) => own.flatMap(pair =>
      pair.passages.filter(passage => kinds.includes(passage.evidence)).map(passage => sideOf(pair) ? passage.right : passage.left));
    const [identical, edited, share] = [1, 2, 3].map(kinds => shareOf(report.documents[index], places(EVIDENCE.slice(0, kinds))));
    const most = own.reduce((a, b) => (b.shares[sideOf(b)] > a.shares[sideOf(a)] ? b : a));
    found.push({
      index, share, byEvidence: { identical, edited: edited - identical, paraphrase: share - edited },
      longest: Math.max(...own.map(pair => pair.longest)),
      partner: sideOf(most) ? most.pair.left : most.pair.right, partnerPair: most.index,
      group: groups.findIndex(group => group.members.includes(index)),
    });
  }
  return found.sort((a, b) => b.share - a.share || b.longest - a.longest);
}

// The sentences, unpacked from the data in the page (see sentences.py).
const LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const LEVEL_OF = new Map([...LEVELS].map((character, level) => [character, level / (LEVELS.length - 1)]));
const $ = (id) => document.getElementById(id);

const data = JSON.parse($("data").textContent);
const two = data.models.length === 2;
const several = data.models.length > 1;
const sentences = data.sentences.map(([id, label, tokens, marks, ...rows], index) => ({
  index, id, label, marks, tokens, lowered: null,
  models: rows.map(([prediction, confidence, scores, attention, strips, others, own]) => ({
    prediction, confidence, scores, attention, strips, others, tokens: own || tokens,
    wrong: label !== null && prediction !== label,
  })),
}));
const labelled = sentences.some((sentence) => sentence.label !== null);
const marked = sentences.some((sentence) => sentence.marks);
const columnOf = new Map(data.columns.map(([name], index) => [name, index]));
const scoreOf = (model, name) => (columnOf.has(name) ? model.scores[columnOf.get(name)] : null);

// Computed at the first search, since it takes a while for 25,000 long texts.
const textOf = (sentence) => sentence.lowered ?? (sentence.lowered = sentence.tokens.join(" ").toLowerCase());
// Shares of words, from 0 to 1; null where a measure has no weights for this sentence.
const shares = (weights) => (weights ? Array.from(weights[0], (character) => LEVEL_OF.get(character) * weights[1]) : null);

// Half the sum of the differences: the share that would have to move to make both the same.
function distance(first, second) {
  if (!first || !second || first.length !== second.length) return 0;
  const sums = [first, second].map((weights) => weights.reduce((sum, weight) => sum + weight, 0) || 1);
  return first.reduce((sum, weight, i) => sum + Math.abs(weight / sums[0] - second[i] / sums[1]), 0) / 2;
}
const distances = new Map();
// The distance of attention from importance in one model, or the largest of other models' attention from the first one's.
function distanceOf(sentence, what) {
  const key = `${sentence.index} ${what}`;
  if (!distances.has(key)) {
    const model = sentence.models[what];
    const [first, ...others] = what === "models" ? sentence.models.map(({ attention }) => attention) : [model.attention, model.strips[0]];
    distances.set(key, Math.max(...others.map((other) => distance(shares(first), shares(other)))));
  }
  return distances.get(key);
}

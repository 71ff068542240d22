// What readers can choose: which sentences, and in which order.

// Each gives a number for a sentence and a model; null where undefined. [title, number, first shown from "high" or "low"]
const SORTS = new Map([
  ["data", ["order of the data", (s) => s.index, "low"]],
  ["apart", ["attention away from importance", distanceOf, "high"]],
  ["confidence", ["confidence", (s, m) => s.models[m].confidence, "high"]],
  ["length", ["number of words", (s, m) => s.models[m].tokens.length, "high"]],
]);
// The second of two models is compared with the first; of several, the chosen one is.
const compared = two ? "the second model" : "the chosen model";
const other = (s, m) => s.models[two ? 1 : m];
if (several) {
  const gain = (first, second) => {
    const [from, to] = [scoreOf(first, "pearson"), scoreOf(second, "pearson")];
    return from === null || to === null ? null : to - from;
  };
  SORTS.set("models", ["distance between the models' attention", (s) => distanceOf(s, "models"), "high"]);
  if (columnOf.has("pearson")) {
    const title = `gain of ${compared} ${two ? "" : "over the first "}in correlation`;
    SORTS.set("gain", [title, (s, m) => gain(s.models[0], other(s, m)), "high"]);
  }
}
data.columns.forEach(([name, title], column) => SORTS.set(name, [title, (s, m) => s.models[m].scores[column], "high"]));

const FILTERS = new Map([["all", ["all sentences", () => true]]]);
if (labelled) FILTERS.set("wrong", ["wrong predictions", (s, m) => s.models[m].wrong]);
FILTERS.set("disagreement", ["largest disagreement with importance", (s, m) => disagreeing(m).has(s)]);
if (several) {
  FILTERS.set("differ", ["different predictions", (s) => s.models.some(({ prediction }) => prediction !== s.models[0].prediction)]);
  if (labelled) {
    const [fixed, broken] = two ? ["right only with the second model", "right only with the first model"]
      : ["wrong with the first model, right with the chosen one", "right with the first model, wrong with the chosen one"];
    FILTERS.set("fixed", [fixed, (s, m) => s.models[0].wrong && !other(s, m).wrong]);
    FILTERS.set("broken", [broken, (s, m) => !s.models[0].wrong && other(s, m).wrong]);
  }
}
if (marked) FILTERS.set("marked", ["sentences marked by people", (s) => Boolean(s.marks)]);
FILTERS.set("undefined", ["undefined correlation", (s, m) => scoreOf(s.models[m], "pearson") === null]);
data.conditions.forEach(([name, title], i) => FILTERS.set(`changed-${name}`, [`other prediction: ${title}`,
  (s, m) => s.models[m].others[i] !== null && s.models[m].others[i] !== s.models[m].prediction]));

// The tenth of the sentences whose attention is farthest from importance.
const tenths = new Map();
function disagreeing(model) {
  if (!tenths.has(model)) {
    const order = sentences.slice().sort((a, b) => distanceOf(b, model) - distanceOf(a, model) || a.index - b.index);
    tenths.set(model, new Set(order.slice(0, Math.ceil(order.length / 10))));
  }
  return tenths.get(model);
}

function choose({ query, model, filter, sort, order }) {
  const words = wordsOf(query);
  const keep = FILTERS.get(filter)[1];
  const number = SORTS.get(sort)[1];
  const sign = order === "low" ? 1 : -1;
  const chosen = sentences.filter((s) => words.every((word) => textOf(s).includes(word)) && keep(s, model));
  const numbers = new Map(chosen.map((s) => [s, number(s, model)]));
  return chosen.sort((a, b) => {
    const [x, y] = [numbers.get(a), numbers.get(b)];
    // Undefined ones come last in either order.
    if (x === null || y === null) return (x === null) - (y === null) || a.index - b.index;
    return sign * (x - y) || a.index - b.index;
  });
}
function wordsOf(query) { return query.toLowerCase().split(/\s+/).filter(Boolean); }

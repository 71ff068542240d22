const $ = (id) => document.getElementById(id);
const BELOW = { importance: "importance", alone: "alone", without: "without" };
// The request: the text as typed or its words without those removed, and by model the values added to scores.
let state = { text: "", query: "", shifts: {}, removed: [] };
// The answer for the text as typed, which later answers are compared with.
let first = null;
let last = null;
let chosen = null;
let asked = 0;

function element(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

const percent = (share) => `${(100 * share).toFixed(1)}%`;

async function ask() {
  const number = ++asked;
  $("status").textContent = "…";
  $("error").hidden = true;
  let answer;
  try {
    const response = await fetch("/explain", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: state.text, query: state.query, shifts: state.shifts }),
    });
    answer = await response.json();
  } catch (error) {
    answer = { error: "There is no answer. Is the command still running?" };
  }
  // A later request is pending.
  if (number !== asked) return;
  $("status").textContent = "";
  if (answer.error) {
    $("error").textContent = answer.error;
    $("error").hidden = false;
    return;
  }
  first = first || answer.models;
  last = answer.models;
  draw();
}

function draw() {
  $("models").replaceChildren(...last.map(card));
  $("legend").hidden = false;
  const changes = state.removed.length ? [`Removed: ${state.removed.join(" ")}.`] : [];
  if (Object.keys(state.shifts).length) changes.push("Scores are moved.");
  $("changed").hidden = !changes.length;
  $("changed").querySelector("span").textContent = changes.join(" ");
}

function card(model, index) {
  const article = element("article", "", element("h2", "", model.model || "model"));
  article.append(classes(model, first[index]));
  const full = Math.max(...model.attention, Math.min(1, 3 / Math.max(1, model.tokens.length)));
  const below = model[BELOW[$("below").value]];
  // Probabilities are shown as they are, other numbers relative to the largest.
  const most = $("below").value === "alone" ? 1 : Math.max(1e-12, ...(below || [0]));
  const words = element("div", "words");
  model.tokens.forEach((token, place) => {
    const word = element("button", "word", element("bdi", "", token));
    word.type = "button";
    word.style.setProperty("--a", (model.attention[place] / full).toFixed(3));
    word.title = title(model, place);
    if (below) {
      const strip = element("i");
      strip.style.setProperty("--b", (below[place] / most).toFixed(3));
      word.append(strip);
    }
    const isChosen = chosen && chosen.model === index && chosen.place === place;
    word.classList.toggle("chosen", Boolean(isChosen));
    word.setAttribute("aria-pressed", isChosen ? "true" : "false");
    word.addEventListener("click", () => { chosen = isChosen ? null : { model: index, place }; draw(); });
    words.append(word);
  });
  article.append(words);
  if (chosen && chosen.model === index && chosen.place < model.tokens.length) article.append(tools(model, chosen.place));
  article.append(numbers(model));
  return article;
}

function classes(model, before) {
  const box = element("div", "classes");
  const order = model.labels.map((_, i) => i).sort((a, b) => model.probs[b] - model.probs[a]).slice(0, 5);
  for (const i of order) {
    const bar = element("div", "bar");
    const share = element("i");
    share.style.width = percent(model.probs[i]);
    bar.append(share);
    const changed = before && Math.abs(before.probs[i] - model.probs[i]) > 5e-4;
    if (changed) {
      const mark = element("b");
      mark.style.left = percent(before.probs[i]);
      bar.append(mark);
    }
    const text = model.probs[i].toFixed(3) + (changed ? ` (was ${before.probs[i].toFixed(3)})` : "");
    const most = model.labels[i] === model.label ? "most" : "";
    box.append(element("span", most, model.labels[i]), bar, element("span", most, text));
  }
  return box;
}

function title(model, place) {
  const parts = [`attention ${percent(model.attention[place])}`, `importance ${model.importance[place].toPrecision(3)}`];
  if (model.alone) parts.push(`alone: ${model.alone_label} ${model.alone[place].toFixed(3)}`);
  parts.push(`change without the word ${model.without[place].toFixed(3)}`);
  return parts.join(", ");
}

function tools(model, place) {
  const box = element("div", "tools", element("b", "", model.tokens[place]), title(model, place));
  const remove = element("button", "", "Remove the word");
  remove.type = "button";
  remove.addEventListener("click", () => {
    state.removed.push(model.tokens[place]);
    state.text = model.tokens.filter((_, i) => i !== place);
    state.shifts = {};
    chosen = null;
    ask();
  });
  box.append(remove);
  if (model.movable) {
    const shift = (state.shifts[model.model] || {})[place] || 0;
    const slider = element("input");
    Object.assign(slider, { type: "range", min: -5, max: 5, step: 0.25, value: shift });
    const shown = element("output", "", shift.toFixed(2));
    slider.addEventListener("change", () => {
      const some = { ...(state.shifts[model.model] || {}) };
      if (Number(slider.value)) some[place] = Number(slider.value);
      else delete some[place];
      state.shifts = { ...state.shifts, [model.model]: some };
      if (!Object.keys(some).length) delete state.shifts[model.model];
      ask();
    });
    slider.addEventListener("input", () => { shown.textContent = Number(slider.value).toFixed(2); });
    box.append(element("label", "inline", "Add to its score", slider, shown));
  }
  return box;
}

function numbers(model) {
  const names = ["word", "attention", "importance", ...(model.alone ? [`alone: ${model.alone_label}`] : []), "change without"];
  const head = element("tr", "", ...names.map((name) => element("th", "", name)));
  const rows = model.tokens.map((token, i) => element("tr", "", element("th", "", element("bdi", "", token)),
    ...[model.attention, model.importance, ...(model.alone ? [model.alone] : []), model.without]
      .map((column) => element("td", "", column[i].toFixed(4)))));
  return element("details", "", element("summary", "", "numbers"), element("div", "scroll", element("table", "", head, ...rows)));
}

function start(text) {
  state = { text, query: $("query") ? $("query").value : "", shifts: {}, removed: [] };
  first = chosen = null;
  ask();
}

$("form").addEventListener("submit", (event) => { event.preventDefault(); start($("text").value); });
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); start($("text").value); }
});
$("below").addEventListener("change", () => { if (last) draw(); });
$("restore").addEventListener("click", () => start($("text").value));
if ($("choice")) $("choice").addEventListener("change", () => {
  const { text, query, label } = $("choice").selectedOptions[0].dataset;
  $("gold").hidden = !label;
  $("gold").textContent = label ? `Label in the file: ${label}` : "";
  if (!text) return;
  $("text").value = text;
  if ($("query")) $("query").value = query;
  start(text);
});

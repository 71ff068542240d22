(() => {
  "use strict";
  const LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
  const LEVEL_OF = new Map([...LEVELS].map((character, level) => [character, level / (LEVELS.length - 1)]));
  const WORDS_AT_ONCE = 900;
  const $ = (id) => document.getElementById(id);

  const data = JSON.parse($("data").textContent);
  const two = data.models.length === 2;
  const sentences = data.sentences.map(([id, label, tokens, marks, ...rows], index) => ({
    index, id, label, marks, tokens, lowered: null,
    models: rows.map(([prediction, confidence, pearson, attention, attentionFull, importance, importanceFull, own]) => ({
      prediction, confidence, pearson, attention, attentionFull, importance, importanceFull, tokens: own || tokens,
      wrong: label !== null && prediction !== label,
    })),
  }));
  // Made when first searched: of 25,000 long texts this takes a while.
  const textOf = (sentence) => sentence.lowered ?? (sentence.lowered = sentence.tokens.join(" ").toLowerCase());
  const labelled = sentences.some((sentence) => sentence.label !== null);
  const marked = sentences.some((sentence) => sentence.marks);

  // Shares of words, from 0 to 1.
  const shares = (levels, full) => Array.from(levels, (character) => LEVEL_OF.get(character) * full);

  // Half the sum of the differences: the share that would have to move to make both the same.
  function distance(first, second) {
    if (first.length !== second.length) return 0;
    const sums = [first, second].map((weights) => weights.reduce((sum, weight) => sum + weight, 0) || 1);
    return first.reduce((sum, weight, i) => sum + Math.abs(weight / sums[0] - second[i] / sums[1]), 0) / 2;
  }
  const apart = new Map();
  function distanceOf(sentence, what) {
    const key = sentence.index + what;
    if (!apart.has(key)) {
      const [first, second] = what === "models"
        ? sentence.models.map((model) => shares(model.attention, model.attentionFull))
        : [shares(sentence.models[what].attention, sentence.models[what].attentionFull),
           shares(sentence.models[what].importance, sentence.models[what].importanceFull)];
      apart.set(key, distance(first, second));
    }
    return apart.get(key);
  }

  // What can be chosen. Undefined values come last in either direction.
  const SORTS = {
    data: ["order of the data", null],
    "correlation-low": ["correlation, lowest first", (s, m) => s.models[m].pearson],
    "correlation-high": ["correlation, highest first", (s, m) => negative(s.models[m].pearson)],
    "confidence-low": ["confidence, lowest first", (s, m) => s.models[m].confidence],
    "confidence-high": ["confidence, highest first", (s, m) => -s.models[m].confidence],
    apart: ["attention farthest from importance", (s, m) => -distanceOf(s, m)],
  };
  const FILTERS = {
    all: ["all sentences", () => true],
    wrong: ["wrong predictions", (s, m) => s.models[m].wrong],
    disagreement: ["largest disagreement", null],
  };
  if (!labelled) delete FILTERS.wrong;
  if (two) {
    SORTS.models = ["attention of the models farthest apart", (s) => -distanceOf(s, "models")];
    SORTS["gain"] = ["correlation, where the second model gains most",
      (s) => negative(s.models[1].pearson === null || s.models[0].pearson === null ? null : s.models[1].pearson - s.models[0].pearson)];
    FILTERS.differ = ["different predictions", (s) => s.models[0].prediction !== s.models[1].prediction];
    if (labelled) FILTERS.fixed = ["right only with the second model", (s) => s.models[0].wrong && !s.models[1].wrong];
  }
  if (marked) FILTERS.marked = ["sentences marked by people", (s) => Boolean(s.marks)];
  FILTERS.undefined = ["undefined correlation", (s, m) => s.models[m].pearson === null];

  function negative(value) { return value === null ? null : -value; }

  // The tenth of the sentences whose attention is farthest from importance.
  const disagreeing = new Map();
  function largestDisagreement(model) {
    if (!disagreeing.has(model)) {
      const order = sentences.slice().sort((a, b) => distanceOf(b, model) - distanceOf(a, model) || a.index - b.index);
      disagreeing.set(model, new Set(order.slice(0, Math.ceil(order.length / 10))));
    }
    return disagreeing.get(model);
  }

  function choose({ query, model, filter, sort }) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const keep = filter === "disagreement" ? (s) => largestDisagreement(model).has(s) : FILTERS[filter][1];
    const chosen = sentences.filter((s) => words.every((word) => textOf(s).includes(word)) && keep(s, model));
    const key = SORTS[sort][1];
    if (!key) return chosen;
    const keys = new Map(chosen.map((s) => [s, key(s, model)]));
    return chosen.sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      if (x === null || y === null) return (x === null) - (y === null) || a.index - b.index;
      return x - y || a.index - b.index;
    });
  }

  // Drawing. Text only ever enters as text nodes.
  function element(name, className, ...children) {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...children);
    return node;
  }
  const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%`;
  const signed = (value) => (value === null ? "undefined" : value.toFixed(2).replace("-", "−"));

  function heatMap(sentence, model, words) {
    const attention = shares(model.attention, model.attentionFull);
    const importance = shares(model.importance, model.importanceFull);
    const box = element("div", "words");
    box.dir = "auto";
    if (!model.tokens.length) box.append(element("span", "empty", "no words"));
    model.tokens.forEach((token, i) => {
      const word = element("span", "w", token || " ");
      word.style.setProperty("--a", LEVEL_OF.get(model.attention[i]).toFixed(3));
      word.style.setProperty("--g", LEVEL_OF.get(model.importance[i]).toFixed(3));
      word.title = `${token}: attention ${percent(attention[i])}, importance ${percent(importance[i])}`;
      if (sentence.marks && sentence.marks[i] === "1") {
        word.classList.add("h");
        word.title += ", marked by people";
      }
      if (words.some((query) => token.toLowerCase().includes(query))) word.classList.add("found");
      box.append(word);
    });
    const order = attention.map((share, i) => i).sort((a, b) => attention[b] - attention[a]).slice(0, 3);
    const most = order.map((i) => `${model.tokens[i]} ${percent(attention[i])}`).join(", ");
    box.append(element("span", "hidden-text", `Most attention: ${most}.`));
    return box;
  }

  function verdict(sentence, model, index) {
    const box = element("div", "verdict");
    if (two) box.append(element("div", "name", element("span", `mark model${index}`), data.models[index]));
    const known = sentence.label !== null;
    const sign = known ? (model.wrong ? "✗ " : "✓ ") : "";
    const said = element("span", known ? (model.wrong ? "wrong" : "right") : "", sign);
    if (known) said.append(element("span", "hidden-text", model.wrong ? "wrong: " : "right: "));
    said.append(`${model.prediction} ${percent(model.confidence)}`);
    const correlation = element("span", "correlation", `r ${signed(model.pearson)}`);
    correlation.title = "Pearson correlation of attention with importance";
    box.append(element("div", "", said, correlation));
    return box;
  }

  // Made when opened: the same weights as a table, for reading numbers and for screen readers.
  function table(sentence) {
    const head = element("tr", "", header("word", "col"));
    data.models.forEach((name) => ["attention", "importance"].forEach((what) =>
      head.append(header(two ? `${what}, ${name}` : what, "col"))));
    if (sentence.marks) head.append(header("people", "col"));
    const body = element("tbody");
    const columns = sentence.models.flatMap((model) =>
      [shares(model.attention, model.attentionFull), shares(model.importance, model.importanceFull)]);
    sentence.models[0].tokens.forEach((token, i) => {
      const row = element("tr", "", header(token, "row"));
      columns.forEach((column) => row.append(element("td", "", column[i] === undefined ? "–" : percent(column[i]))));
      if (sentence.marks) row.append(element("td", "", sentence.marks[i] === "1" ? "marked" : ""));
      body.append(row);
    });
    return element("div", "scroll", element("table", "", element("thead", "", head), body));
  }
  function header(text, scope) {
    const cell = element("th", "", text);
    cell.scope = scope;
    return cell;
  }

  function card(sentence, words) {
    const head = element("div", "head", element("span", "id", `Sentence ${sentence.id}`));
    if (sentence.label !== null) head.append(element("span", "", "label ", element("b", "", sentence.label)));
    const details = element("details", "", element("summary", "", "numbers"));
    const place = element("div");
    details.addEventListener("toggle", () => place.replaceChildren(...(details.open ? [table(sentence)] : [])));
    head.append(details);
    const item = element("li", "card", head);
    sentence.models.forEach((model, index) =>
      item.append(element("div", "row", verdict(sentence, model, index), heatMap(sentence, model, words))));
    item.append(place);
    item.dataset.id = sentence.id;
    return item;
  }

  let chosen = [];
  let shown = 0;
  let state = null;

  // As many sentences as have some hundred words together, so that long texts do not stop the page.
  function showMore() {
    const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    const fragment = document.createDocumentFragment();
    for (let budget = WORDS_AT_ONCE; shown < chosen.length && budget > 0; shown++) {
      fragment.append(card(chosen[shown], words));
      budget -= 1 + chosen[shown].models.reduce((sum, model) => sum + model.tokens.length, 0);
    }
    $("list").append(fragment);
    $("more").hidden = shown >= chosen.length;
    $("status").textContent = chosen.length
      ? `${chosen.length.toLocaleString("en")} of ${sentences.length.toLocaleString("en")} sentences`
      : "No sentence matches. Change the search or what is shown.";
  }

  function update() {
    state = { query: $("query").value.trim(), model: Number($("model").value), filter: $("filter").value, sort: $("sort").value };
    chosen = choose(state);
    shown = 0;
    $("list").replaceChildren();
    showMore();
    const hash = new URLSearchParams(state).toString();
    try { history.replaceState(null, "", "#" + hash); } catch (error) { /* some browsers forbid it for local files */ }
  }

  function options(select, entries) {
    entries.forEach(([value, text]) => select.append(new Option(text, value)));
  }
  options($("model"), data.models.map((name, index) => [index, name]));
  options($("filter"), Object.entries(FILTERS).map(([value, [text]]) => [value, text]));
  options($("sort"), Object.entries(SORTS).map(([value, [text]]) => [value, text]));
  $("model").value = data.models.length - 1;
  $("model-choice").hidden = !two;
  $("human-key").hidden = !marked;
  $("controls").hidden = $("legend").hidden = false;

  // A link can carry the choice: report.html#query=good&filter=wrong&sort=confidence-high
  function fromHash() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    ["query", "model", "filter", "sort"].forEach((name) => {
      const control = $(name);
      const value = wanted.get(name);
      if (value !== null && (control.tagName === "INPUT" || [...control.options].some((option) => option.value === value))) {
        control.value = value;
      }
    });
    update();
  }

  let waiting = 0;
  $("query").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(update, 120); });
  $("controls").addEventListener("change", (event) => { if (event.target !== $("query")) update(); });
  $("controls").addEventListener("submit", (event) => { event.preventDefault(); update(); });
  $("more").addEventListener("click", showMore);
  window.addEventListener("hashchange", fromHash);
  if ("IntersectionObserver" in window) {
    new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting) && shown < chosen.length) showMore(); },
      { rootMargin: "600px" }).observe($("more"));
  }
  fromHash();
})();

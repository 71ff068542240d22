// A sentence as a card. Text only ever enters as text nodes.

function element(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}
function header(text, scope) {
  const cell = element("th", "", text);
  cell.scope = scope;
  return cell;
}
// Isolates the direction of a word from its neighbours; in a plain string two characters do the same.
const isolated = (text) => element("bdi", "", text);
const isolatedText = (text) => `\u2068${text}\u2069`;
const hidden = (text) => element("span", "hidden-text", text);
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%`;
const decimal = (value, digits = 2) => (value === null ? "undefined" : value.toFixed(digits).replace("-", "−"));

function heatMap(sentence, model, { words, strip }) {
  const attention = shares(model.attention);
  const below = shares(model.strips[strip]);
  const box = element("div", "words");
  box.dir = "auto";
  if (!model.tokens.length) box.append(element("span", "empty", "no words"));
  model.tokens.forEach((token, i) => {
    const word = element("span", "w", isolated(token || " "));
    word.style.setProperty("--a", LEVEL_OF.get(model.attention[0][i]).toFixed(3));
    word.title = `${isolatedText(token)}: attention ${percent(attention[i])}`;
    if (below) {
      word.style.setProperty("--g", LEVEL_OF.get(model.strips[strip][0][i]).toFixed(3));
      word.title += `, ${data.strips[strip][1]} ${percent(below[i])}`;
    }
    if (sentence.marks && sentence.marks[i] === "1") {
      word.classList.add("h");
      word.title += ", marked by people";
    }
    if (words.some((query) => token.toLowerCase().includes(query))) word.classList.add("found");
    box.append(word);
  });
  const order = attention.map((share, i) => i).sort((a, b) => attention[b] - attention[a]).slice(0, 3);
  box.append(hidden(`Most attention: ${order.map((i) => `${isolatedText(model.tokens[i])} ${percent(attention[i])}`).join(", ")}.`));
  return box;
}

function verdict(sentence, model, index, { sort }) {
  const box = element("div", "verdict");
  if (several) box.append(element("div", "name", element("span", `mark model${index % COLORS}`), data.models[index]));
  const said = element("span");
  if (sentence.label !== null) {
    said.className = model.wrong ? "wrong" : "right";
    said.append(model.wrong ? "✗ " : "✓ ", hidden(model.wrong ? "wrong: " : "right: "));
  }
  said.append(`${model.prediction} ${percent(model.confidence)}`);
  const line = element("div", "", said);
  if (columnOf.has("pearson")) {
    const correlation = element("span", "score", `r ${decimal(scoreOf(model, "pearson"))}`);
    correlation.title = "Pearson correlation of attention with gradient importance";
    line.append(correlation);
  }
  box.append(line);
  // The score that sentences are sorted by is shown as well.
  if (columnOf.has(sort) && sort !== "pearson") {
    box.append(element("div", "sorted", `${data.columns[columnOf.get(sort)][1]} ${decimal(scoreOf(model, sort))}`));
  }
  return box;
}

function scroll(...tables) {
  return element("div", "scroll", ...tables);
}

// The weights of the heat map as a table, for reading numbers and for screen readers.
function weightsTable(sentence) {
  const names = ["attention", ...data.strips.map(([, title]) => title)];
  const head = element("tr", "", header("word", "col"));
  data.models.forEach((name) => names.forEach((what) => head.append(header(several ? `${what}, ${name}` : what, "col"))));
  if (sentence.marks) head.append(header("people", "col"));
  const body = element("tbody");
  const columns = sentence.models.flatMap((model) => [model.attention, ...model.strips].map(shares));
  sentence.models[0].tokens.forEach((token, i) => {
    const row = element("tr", "", header(isolated(token), "row"));
    columns.forEach((column) => row.append(element("td", "", column?.[i] === undefined ? "–" : percent(column[i]))));
    if (sentence.marks) row.append(element("td", "", sentence.marks[i] === "1" ? "marked" : ""));
    body.append(row);
  });
  return element("table", "", element("thead", "", head), body);
}

function scoresTable(sentence) {
  const head = element("tr", "", header("score", "col"), ...data.models.map((name) => header(several ? name : "value", "col")));
  const body = element("tbody");
  data.columns.forEach(([, title], i) => body.append(element("tr", "", header(title, "row"),
    ...sentence.models.map((model) => element("td", "", decimal(model.scores[i], 3))))));
  data.conditions.forEach(([, title], i) => body.append(element("tr", "", header(`prediction: ${title}`, "row"),
    ...sentence.models.map((model) => element("td", "", model.others[i] ?? "–")))));
  return element("table", "", element("thead", "", head), body);
}

function card(sentence, state) {
  const head = element("div", "head", element("span", "id", `Sentence ${sentence.id}`));
  if (sentence.label !== null) head.append(element("span", "", "label ", element("b", "", sentence.label)));
  const details = element("details", "", element("summary", "", "numbers"));
  const place = element("div");
  // Filled when opened.
  details.addEventListener("toggle", () => place.replaceChildren(
    ...(details.open ? [scroll(scoresTable(sentence)), scroll(weightsTable(sentence))] : [])));
  head.append(details);
  const item = element("li", "card", head);
  sentence.models.forEach((model, index) =>
    item.append(element("div", "row", verdict(sentence, model, index, state), heatMap(sentence, model, state))));
  item.append(place);
  item.dataset.id = sentence.id;
  return item;
}

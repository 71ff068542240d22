// The controls, the address, and the list of sentences, drawn a few at a time.

const WORDS_AT_ONCE = 900;
const CONTROLS = ["query", "model", "filter", "sort", "order", "strip"];
const STRIPS = data.strips.map(([name]) => name);
let chosen = [];
let shown = 0;
let state = null;

// As many sentences as have a few hundred words together, so that long texts do not block the page.
function showMore() {
  const fragment = document.createDocumentFragment();
  for (let budget = WORDS_AT_ONCE; shown < chosen.length && budget > 0; shown++) {
    fragment.append(card(chosen[shown], state));
    budget -= 1 + chosen[shown].models.reduce((sum, model) => sum + model.tokens.length, 0);
  }
  $("list").append(fragment);
  $("more").hidden = shown >= chosen.length;
}

function update() {
  const values = Object.fromEntries(CONTROLS.map((name) => [name, $(name).value.trim()]));
  state = { ...values, model: Number(values.model), strip: STRIPS.indexOf(values.strip), words: wordsOf(values.query) };
  chosen = choose(state);
  shown = 0;
  $("list").replaceChildren();
  $("order-choice").hidden = state.sort === "data";
  $("strip-name").textContent = data.strips[state.strip][1];
  showMore();
  $("status").textContent = chosen.length
    ? `${chosen.length.toLocaleString("en")} of ${sentences.length.toLocaleString("en")} sentences`
    : "No sentence matches. Change the search or what is shown.";
  const hash = new URLSearchParams(values).toString();
  try { history.replaceState(null, "", "#" + hash); } catch (error) { /* some browsers forbid it for local files */ }
}

// A link can carry the choice: report.html#query=good&filter=wrong&sort=confidence&order=low
function fromHash() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  CONTROLS.forEach((name) => {
    const control = $(name);
    const value = wanted.get(name);
    if (value !== null && (control.tagName === "INPUT" || [...control.options].some((option) => option.value === value))) {
      control.value = value;
      if (name === "sort") usualOrder();
    }
  });
  update();
}
function usualOrder() { $("order").value = SORTS.get($("sort").value)[2]; }

function options(id, entries) {
  entries.forEach(([value, text]) => $(id).append(new Option(text, value)));
}
options("model", data.models.map((name, index) => [index, name]));
options("filter", [...FILTERS].map(([value, [title]]) => [value, title]));
options("sort", [...SORTS].map(([value, [title]]) => [value, title]));
options("strip", data.strips);
usualOrder();
$("model").value = data.models.length - 1;
$("model-choice").hidden = !several;
$("strip-choice").hidden = data.strips.length < 2;
$("human-key").hidden = !marked;
$("controls").hidden = $("legend").hidden = false;

let waiting = 0;
$("query").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(update, 120); });
$("sort").addEventListener("change", usualOrder);
$("controls").addEventListener("change", (event) => { if (event.target !== $("query")) update(); });
$("controls").addEventListener("submit", (event) => { event.preventDefault(); update(); });
$("more").addEventListener("click", showMore);
window.addEventListener("hashchange", fromHash);
if ("IntersectionObserver" in window) {
  new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting) && shown < chosen.length) showMore(); },
    { rootMargin: "600px" }).observe($("more"));
}
fromHash();

// Tabs of figures, predictions, and folds on paper. Without this file all of them are plain text; see scripts/forms.
"use strict";

const PAGE = DOCUMENTATION_OPTIONS.pagename;

// What the reader chose stays in this browser, where it lets us
function kept(key) {
  try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; }
}
function keep(key, values) {
  try { localStorage.setItem(key, JSON.stringify(values)); } catch { /* then for this visit only */ }
}
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// --- Tabs: a name that is chosen in one figure is chosen in all of the page that have it
const TABS = "lrreg-tabs";

function choose(name, within = document) {
  for (const tab of within.querySelectorAll("[role=tab]")) {
    const names = [...tab.parentElement.children].map((one) => one.textContent);
    if (!names.includes(name)) continue;
    const chosen = tab.textContent === name;
    tab.ariaSelected = String(chosen);
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
}

function press(tab) {
  const top = tab.getBoundingClientRect().top;
  choose(tab.textContent);
  scrollBy({ top: tab.getBoundingClientRect().top - top, behavior: "instant" }); // figures above may have changed
  const list = tab.parentElement;
  const all = kept(TABS);
  keep(TABS, { ...all, [PAGE]: { ...all[PAGE], [list.textContent]: tab.textContent } });
}

function walk(event) {
  const tabs = [...event.currentTarget.children];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const here = tabs.indexOf(event.target);
  const to = step ? here + step + tabs.length : { Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  tabs[to % tabs.length].focus();
  press(tabs[to % tabs.length]);
}

function makeTabs(box) {
  const panels = [...box.children];
  if (panels.length < 2) return;
  const figure = box.closest("figure");
  const list = make("div", { role: "tablist", ariaLabel: figure.querySelector("figcaption a").textContent });
  panels.forEach((panel, index) => {
    panel.id = `${figure.id}-${index + 1}`;
    const tab = make("button", { type: "button", role: "tab", id: `${panel.id}-tab` }, panel.dataset.tab);
    tab.setAttribute("aria-controls", panel.id);
    tab.onclick = () => press(tab);
    panel.role = "tabpanel";
    panel.tabIndex = 0;
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
  });
  list.onkeydown = walk;
  box.before(list);
  box.classList.add("ready");
  choose(kept(TABS)[PAGE]?.[list.textContent] ?? panels[0].dataset.tab, figure);
}

// --- Predictions: the result is covered until the reader has answered, or does not want to. The browser's own search
// and links find what is hidden "until-found", and uncover it; an older browser hides it all the same.
const PREDICTIONS = "lrreg-predictions";
const SKIPPED = "";
let answers = kept(PREDICTIONS);

function answerAs(key, value) {
  answers = { ...answers, ...kept(PREDICTIONS), [key]: value };
  if (value === undefined) delete answers[key];
  keep(PREDICTIONS, answers);
  document.dispatchEvent(new Event("answered"));
}

function makePrediction(box) {
  const [question, list, result] = box.children;
  const key = `${PAGE}#${box.id}`;
  const right = box.dataset.answer;
  const choices = [...list.children].map((item) => {
    const value = item.textContent.trim().replace(/\s+/g, " ");
    return make("label", {}, make("input", { type: "radio", name: box.id, value }), ...(item.querySelector("p") ?? item).childNodes);
  });
  const show = make("button", { type: "submit" }, "Show the result");
  const skip = make("button", { type: "button" }, "Skip");
  const again = make("button", { type: "button" }, "Ask me again");
  const fields = make("fieldset", {}, make("legend", {}, ...question.childNodes), ...choices);
  const said = make("p", { className: "said" }); // where the reader pressed, above what is uncovered
  said.role = "status";
  const form = make("form", { className: "ask" }, fields, said, make("p", { className: "buttons" }, show, skip, again));
  const veil = make("p", { className: "veil" }, "What follows is covered until you answer or skip.");
  question.remove();
  list.replaceWith(form, veil);

  const draw = (open = false) => {
    const value = answers[key];
    const done = value !== undefined;
    for (const input of form.elements[box.id]) input.checked = done && input.value === value;
    fields.disabled = done;
    show.hidden = skip.hidden = done;
    again.hidden = !done;
    show.disabled = true;
    veil.hidden = done || open;
    if (veil.hidden) result.removeAttribute("hidden");
    else result.setAttribute("hidden", "until-found");
    said.hidden = !value;
    said.textContent = `You said “${value}”` + (value === right ? ": right." : `; it is “${right}”.`);
    document.dispatchEvent(new Event("uncovered")); // what is wide can be measured now
  };
  const answer = (value) => {
    answerAs(key, value);
    draw();
    result.tabIndex = -1; // the button that had the focus is gone
    result.focus({ preventScroll: true });
  };
  form.onchange = () => { show.disabled = false; };
  form.onsubmit = (event) => {
    event.preventDefault();
    answer(form.elements[box.id].value);
  };
  skip.onclick = () => answer(SKIPPED);
  again.onclick = () => {
    answerAs(key, undefined);
    draw();
    form.querySelector("input").focus({ preventScroll: true });
  };
  result.open = () => draw(true);
  result.addEventListener("beforematch", result.open);
  draw();
}

// --- The score of all pages
function makeScore(list) {
  const head = make("p", { className: "score-head" });
  head.role = "status";
  list.before(head);
  const draw = () => {
    const counts = { right: 0, wrong: 0, "not yet": 0 };
    for (const item of list.children) {
      const said = answers[item.dataset.prediction];
      const state = !said ? "not yet" : said === item.dataset.answer ? "right" : "wrong";
      counts[state] += 1;
      item.querySelector(".state")?.remove();
      item.lastElementChild.append(make("span", { className: "state" }, said ? ` ${state}: you said ${said}` : " not yet"));
    }
    const forget = make("button", { type: "button" }, "Forget my answers");
    forget.onclick = () => {
      for (const item of list.children) answerAs(item.dataset.prediction, undefined);
    };
    const words = Object.entries(counts).map(([state, number]) => `${number} ${state}`).join(", ");
    head.replaceChildren(`${words}. `, ...(counts["not yet"] < list.children.length ? [forget] : []));
  };
  draw();
  document.addEventListener("answered", draw);
}

// --- What an address leads to is shown, wherever it lies
function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  target.closest(".result[hidden]")?.open();
  const tab = target.closest(".tab[hidden]");
  if (tab) choose(tab.dataset.tab);
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView();
}

document.querySelectorAll(".tabs").forEach(makeTabs);
document.querySelectorAll(".prediction").forEach(makePrediction);
document.querySelectorAll("ol.score").forEach(makeScore);
reveal();
addEventListener("hashchange", reveal);

// --- Paper is white, and nothing on it is folded but solutions and lists of verdicts
let closed = [];
let theme;
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  closed = [...document.querySelectorAll("details.fold:not(.solution, .rows, [open])")];
  for (const fold of closed) fold.open = true;
});
addEventListener("afterprint", () => {
  closed.forEach((fold) => { fold.open = false; });
  document.documentElement.dataset.theme = theme;
});

"use strict";
(() => {
  const $ = (selector) => document.querySelector(selector);
  const passages = [...document.querySelectorAll(".passage")];
  const source = $("#source"), read = $("#read"), search = $("#search"), found = $("#found"), nothing = $("#nothing");
  const canHighlight = Boolean(window.Highlight && CSS.highlights);
  const view = () => $("input[name=view]:checked").value;

  // Views
  function show() {
    const isSource = view() === "source";
    source.hidden = !isSource;
    read.hidden = isSource;
    document.querySelectorAll(".of-source > *").forEach((one) => { one.hidden = !isSource; });
    $("#copy").hidden = isSource;
    find();
  }
  document.querySelectorAll("input[name=view]").forEach((one) => one.addEventListener("change", show));

  // Order, and passages that were dropped
  const keys = {
    text: (one) => Number(one.dataset.place),
    given: (one) => Number(one.dataset.given),
    relevance: (one) => -Number(one.dataset.relevance),
  };
  $("#order").addEventListener("change", (event) => {
    const key = keys[event.target.value];
    passages.sort((a, b) => key(a) - key(b) || a.dataset.place - b.dataset.place);
    nothing.before(...passages);
    find();
  });
  $("#with-dropped").addEventListener("change", find);

  const unfold = $("#unfold");
  unfold.addEventListener("click", () => {
    const open = unfold.textContent === "Unfold all";
    passages.forEach((one) => { one.open = open; });
    unfold.textContent = open ? "Fold all" : "Unfold all";
  });

  // Search: a text is lowered where that keeps its length, so that places in it stay the same
  const lower = (text) => { const low = text.toLowerCase(); return low.length === text.length ? low : text; };
  const index = new Map();
  function textOf(body) {
    if (!index.has(body)) {
      const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
      const nodes = [], starts = [];
      let text = "";
      while (walker.nextNode()) {
        nodes.push(walker.currentNode);
        starts.push(text.length);
        text += walker.currentNode.data;
      }
      index.set(body, { nodes, starts, text: lower(text) });
    }
    return index.get(body);
  }
  function position(entry, offset) {
    let low = 0, high = entry.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (entry.starts[middle] <= offset) low = middle; else high = middle - 1;
    }
    return [entry.nodes[low], offset - entry.starts[low]];
  }
  function places(body, wanted) {
    const entry = textOf(body), ranges = [];
    for (let at = entry.text.indexOf(wanted); at >= 0 && ranges.length < 1000; at = entry.text.indexOf(wanted, at + wanted.length)) {
      const range = document.createRange();
      range.setStart(...position(entry, at));
      const [last, offset] = position(entry, at + wanted.length - 1);
      range.setEnd(last, offset + 1);
      ranges.push(range);
    }
    return ranges;
  }
  let matches = [], current = -1, opened = [];
  function find() {
    const wanted = lower(search.value.trim());
    const withDropped = $("#with-dropped").checked;
    opened.forEach((one) => { one.open = false; });
    opened = [];
    matches = [];
    current = -1;
    let holding = 0;
    for (const one of passages) {
      const isShown = withDropped || one.classList.contains("kept");
      const ranges = isShown && wanted && view() === "source" ? places(one.querySelector(".body"), wanted) : [];
      one.hidden = !isShown || (wanted !== "" && view() === "source" && ranges.length === 0);
      if (ranges.length) {
        holding += 1;
        if (!one.open) { one.open = true; opened.push(one); }
        matches.push(...ranges);
      }
    }
    if (wanted && view() === "read") matches = places(read.querySelector(".body"), wanted);
    if (canHighlight) {
      CSS.highlights.delete("current");
      CSS.highlights.set("found", new Highlight(...matches));
    }
    const count = `${matches.length} ${matches.length === 1 ? "match" : "matches"}`;
    found.textContent = !wanted ? "" : view() === "source" ? `${count} in ${holding} ${holding === 1 ? "passage" : "passages"}` : count;
    nothing.hidden = view() !== "source" || !wanted || holding > 0;
  }
  function go(step) {
    if (!matches.length) return;
    current = (current + step + matches.length) % matches.length;
    if (canHighlight) CSS.highlights.set("current", new Highlight(matches[current]));
    matches[current].startContainer.parentElement.scrollIntoView({ block: "center" });
    found.textContent = `${current + 1} of ${matches.length}`;
  }
  let waiting;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 120); });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); if (current < 0 && event.shiftKey) current = 0; go(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { search.value = ""; find(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { event.preventDefault(); search.focus(); }
  });

  // Overview, and restored parts of an answer: both lead to a passage
  function open(event) {
    const bar = event.target.closest("[data-passage]");
    const one = bar && document.getElementById(`passage-${bar.dataset.passage}`);
    if (!one) return;
    event.preventDefault();
    $("input[value=source]").checked = true;
    show();
    one.hidden = false;
    one.open = true;
    one.scrollIntoView({ block: "start" });
    one.querySelector("summary").focus({ preventScroll: true });
  }
  $("#overview")?.addEventListener("click", open);
  $("#answer")?.addEventListener("click", open);

  // Copy: hidden characters are shown by names, so this copies what is seen
  $("#copy").addEventListener("click", async (event) => {
    const button = event.target;
    const text = read.querySelector(".body").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(read.querySelector(".body"));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  // Dark and light
  const root = document.documentElement, theme = $("#theme");
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => { theme.textContent = isDark() ? "Light" : "Dark"; theme.setAttribute("aria-label", `Use ${isDark() ? "light" : "dark"} colours`); };
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
  label();

  $(".toolbar").hidden = false;
  show();
})();

"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();

  const REACH = 14; // pixels from the middle of a point
  const STILL = 3;
  const SAID = [["commit", "commit"], ["date", "date"], ["expected", "expected"], ["testbed", "testbed"]];

  function tooltip(point, sanitize) {
    const rows = SAID.map(([field, name]) => `<tr><td class="key">${name}</td><td>${sanitize(point[field])}</td></tr>`);
    const hint = point.url ? `<p class="key">a click on the point opens the commit</p>` : "";
    return `<h2>${sanitize(point.shown)}</h2><table>${rows.join("")}</table>${hint}`;
  }

  // The nearest point answers wherever the pointer is; its commit is opened by a click on it, and not by a drag's end.
  function openCommits(view) {
    let pressed = null;
    view.addEventListener("pointerdown", (event) => { pressed = event; });
    view.addEventListener("click", (event, item) => {
      const point = item?.isVoronoi ? item.datum : item;
      if (!point?.datum?.url || !pressed) return;
      const [left, top] = view.origin();
      const away = Math.hypot(event.offsetX - left - point.x, event.offsetY - top - point.y);
      const dragged = Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY);
      if (away <= REACH && dragged <= STILL) window.open(point.datum.url, "_blank", "noopener,noreferrer");
    });
  }

  async function draw(article) {
    const id = article.id;
    drawn.get(id)?.finalize();
    const shown = await drawChart(article.querySelector(".chart"), charts.panels[id], {
      config: dark.matches ? charts.dark : charts.light,
      tooltip: { disableDefaultStyle: true, formatTooltip: tooltip },
    });
    openCommits(shown.view);
    drawn.set(id, shown);
    article.dataset.drawn = dark.matches ? "dark" : "light";
  }

  async function show() {
    const chosen = document.querySelector(".choices input:checked")?.value;
    for (const article of document.querySelectorAll("article")) {
      article.hidden = article.dataset.statistic !== chosen;
    }
    const theme = dark.matches ? "dark" : "light";
    for (const article of document.querySelectorAll("article:not([hidden])")) {
      if (article.dataset.drawn !== theme) await draw(article);
    }
    document.body.dataset.ready = `${chosen} ${theme}`;
  }

  document.querySelector(".choices").addEventListener("change", show);
  for (const article of document.querySelectorAll("article")) {
    const name = () => `Numbers: ${article.querySelector(".chart").getAttribute("aria-label")}`;
    numbers.offer(article.querySelector("details"), name, () => charts.panels[article.id]);
  }
  dark.addEventListener("change", show);
  show();
})();

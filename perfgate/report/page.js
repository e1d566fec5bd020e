"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();

  const SAID = [["commit", "commit"], ["date", "date"], ["expected", "expected"], ["testbed", "testbed"]];

  function tooltip(point, sanitize) {
    const rows = SAID.map(([field, name]) => `<tr><td class="key">${name}</td><td>${sanitize(point[field])}</td></tr>`);
    return `<h2>${sanitize(point.shown)}</h2><table>${rows.join("")}</table>`;
  }

  async function draw(article) {
    const id = article.id;
    drawn.get(id)?.finalize();
    drawn.set(id, await vegaEmbed(article.querySelector(".chart"), charts.panels[id], {
      actions: false,
      ast: true, // expressions are interpreted: the page's policy forbids eval
      config: dark.matches ? charts.dark : charts.light,
      loader: { target: "_blank", rel: "noopener noreferrer" },
      renderer: "canvas",
      tooltip: { disableDefaultStyle: true, formatTooltip: tooltip },
    }));
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
  dark.addEventListener("change", show);
  show();
})();

"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();

  async function draw(figure) {
    const place = figure.querySelector(".chart");
    const chosen = figure.querySelector("select");
    drawn.get(place.id)?.finalize();
    const shown = await vegaEmbed(place, charts.panels[chosen ? chosen.value : place.id], {
      actions: false,
      ast: true, // expressions are interpreted: the page's policy forbids eval
      config: dark.matches ? charts.dark : charts.light,
      mode: "vega-lite",
      renderer: "canvas",
      tooltip: { disableDefaultStyle: true },
    });
    drawn.set(place.id, shown);
    if (chosen) {
      const what = figure.querySelector("h3").textContent;
      place.setAttribute("aria-label", `${what}: ${chosen.selectedOptions[0].textContent}`);
    }
    place.dataset.drawn = `${chosen ? chosen.value : place.id} ${dark.matches ? "dark" : "light"}`;
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll("figure")) await draw(figure);
    document.body.dataset.ready = dark.matches ? "dark" : "light";
  }

  for (const chooser of document.querySelectorAll("figure select")) {
    chooser.addEventListener("change", () => draw(chooser.closest("figure")));
  }
  dark.addEventListener("change", drawAll);
  drawAll();
})();

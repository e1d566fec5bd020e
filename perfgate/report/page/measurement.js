"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();
  const refill = new Map();

  function chartOf(figure) {
    return charts.panels[figure.querySelector("select")?.value ?? figure.querySelector(".chart").id];
  }

  async function draw(figure) {
    const place = figure.querySelector(".chart");
    const chosen = figure.querySelector("select");
    drawn.get(place.id)?.finalize();
    if (chosen) {
      const what = figure.querySelector("h3").textContent;
      place.setAttribute("aria-label", `${what}: ${chosen.selectedOptions[0].textContent}`);
    }
    const shown = await drawChart(place, chartOf(figure), {
      config: dark.matches ? charts.dark : charts.light,
      tooltip: { disableDefaultStyle: true },
    });
    drawn.set(place.id, shown);
    refill.get(figure)();
    place.dataset.drawn = `${chosen ? chosen.value : place.id} ${dark.matches ? "dark" : "light"}`;
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll("figure")) await draw(figure);
    document.body.dataset.ready = dark.matches ? "dark" : "light";
  }

  for (const figure of document.querySelectorAll("figure")) {
    const name = () => `Numbers: ${figure.querySelector(".chart").getAttribute("aria-label")}`;
    refill.set(figure, numbers.offer(figure.querySelector("details"), name, () => chartOf(figure)));
  }
  for (const chooser of document.querySelectorAll("figure select")) {
    chooser.addEventListener("change", () => draw(chooser.closest("figure")));
  }
  dark.addEventListener("change", drawAll);
  drawAll();
})();

"use strict";
const charts = JSON.parse(document.getElementById("charts").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function scheme() {
  return dark.matches ? "dark" : "light";
}

// Records come as rows below the names of their fields.
function unpacked({ fields, rows }) {
  return rows.map((row) => Object.fromEntries(fields.map((field, place) => [field, row[place]])));
}

// A chart by its name, with its records: a chart may share those of another one.
function chartNamed(name) {
  const chart = charts.panels[name];
  const datasets = charts.panels[chart.usermeta.datasets_of ?? name].datasets;
  if (!datasets) return { ...chart, data: { ...chart.data, values: unpacked(chart.data.values) } };
  const records = Object.entries(datasets).map(([key, packed]) => [key, unpacked(packed)]);
  return { ...chart, datasets: Object.fromEntries(records) };
}

// The numbers behind a chart, as a table that is made when a reader opens it, to be read aloud or copied.
const numbers = (() => {
  const DIGITS = 9;

  const plain = (value) => (typeof value === "number" ? String(Number(value.toPrecision(DIGITS))) : String(value ?? ""));

  function made(name, properties, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  // A chart says in usermeta which fields its columns are, as pairs of field and title, and how its dataset is called.
  function linesOf(chart) {
    const { columns, dataset } = chart.usermeta;
    const records = dataset ? chart.datasets[dataset] : chart.data.values;
    return [columns.map(([, title]) => title), ...records.map((one) => columns.map(([field]) => plain(one[field])))];
  }

  function tableOf([titles, ...rows], name) {
    const head = made("tr", {}, ...titles.map((title) => made("th", { scope: "col", textContent: title })));
    const body = rows.map((row) => made("tr", {}, ...row.map((text) => made("td", { textContent: text }))));
    const table = made("table", {}, made("thead", {}, head), made("tbody", {}, ...body));
    return made("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: name }, table);
  }

  function copyButton(lines, table) {
    const said = made("span", { className: "muted", role: "status" });
    const button = made("button", { type: "button", textContent: "Copy" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(lines.map((line) => line.join("\t")).join("\n"));
        said.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(table);
        said.textContent = "selected: copy it with Ctrl + C";
      }
    });
    return made("p", {}, button, " ", said);
  }

  // Fill the <details> whenever it is opened; the answer is to be called when another chart is shown.
  function offer(details, name, chartOf) {
    function fill() {
      details.querySelectorAll(":scope > :not(summary)").forEach((old) => old.remove());
      if (!details.open) return;
      const lines = linesOf(chartOf());
      const table = tableOf(lines, name());
      details.append(table, copyButton(lines, table.firstChild));
    }
    details.addEventListener("toggle", fill);
    return fill;
  }

  return { offer };
})();

// A figure, which shows one of its charts at a time, in light or dark.
class Frame {
  // options: of vega-embed; drawn: called with each view that was made.
  constructor(figure, options = {}, drawn = () => {}) {
    this.figure = figure;
    this.place = figure.querySelector(".chart");
    this.chart = chartNamed(figure.id);
    this.options = options;
    this.drawn = drawn;
    this.turn = Promise.resolve();
    const name = () => `Numbers: ${this.place.getAttribute("aria-label")}`;
    this.refill = numbers.offer(figure.querySelector("details"), name, () => this.chart);
  }

  // One drawing after the other: a reader may choose again before the first choice is drawn.
  show(name) {
    this.turn = this.turn.then(() => this.draw(name));
    return this.turn;
  }

  async draw(name) {
    const wanted = `${name} ${scheme()}`;
    if (this.figure.dataset.drawn === wanted) return;
    this.shown?.finalize();
    this.chart = chartNamed(name);
    // Vega gives its place the chart's description for a label, "Vega visualization" where there is none.
    const described = { ...this.chart, description: this.place.getAttribute("aria-label") };
    this.shown = await vegaEmbed(this.place, described, {
      actions: false,
      ast: true, // expressions are interpreted: the page's policy forbids eval
      mode: "vega-lite",
      renderer: "canvas",
      config: charts[scheme()],
      tooltip: { disableDefaultStyle: true },
      ...this.options,
    });
    this.drawn(this.shown.view);
    this.refill();
    this.figure.dataset.drawn = wanted;
  }
}

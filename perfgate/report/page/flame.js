// A flame graph: whose time gives the widths, a search, a zoom, and a file for speedscope (https://www.speedscope.app).
class Flame extends Frame {
  constructor(figure) {
    super(figure, { tooltip: { disableDefaultStyle: true, formatTooltip: Flame.tooltip } }, (view) => this.begin(view));
    this.calls = this.chart.datasets.frames;
    this.zoomed = this.calls[0];
    this.search = figure.querySelector("input[type=search]");
    this.said = figure.querySelector("[role=status]");
    this.next = 0;
    this.search.addEventListener("input", () => this.find());
    this.search.addEventListener("keydown", (event) => this.press(event));
    figure.querySelector(".choices").addEventListener("change", () => this.find());
    figure.querySelector(".all").addEventListener("click", () => this.zoom(this.calls[0]));
    figure.querySelector(".export").addEventListener("click", () => this.download());
  }

  static number(value) {
    return String(Number(value.toPrecision(3)));
  }

  static tooltip(frame, sanitize) {
    const row = (name, said) => `<tr><td class="key">${name}</td><td>${said}</td></tr>`;
    const time = (side) => {
      const [total, own] = [`${side}_total`, `${side}_own`].map((field) => Flame.number(frame[field]));
      return row(side, `${total} ms a request, own lines ${own}`);
    };
    const change = frame.head_total - frame.base_total;
    const ratio = frame.base_total > 0 ? ` (${change < 0 ? "" : "+"}${((change / frame.base_total) * 100).toFixed(1)} %)` : "";
    const rows = [time("base"), time("head"), row("change", `${change < 0 ? "" : "+"}${Flame.number(change)} ms${ratio}`)];
    const file = frame.file ? `<p class="key">${sanitize(Flame.place(frame))}</p>` : "";
    return `<h2>${sanitize(frame.name)}</h2>${file}<table>${rows.join("")}</table>`;
  }

  static place(frame) {
    return frame.line === null ? frame.file : `${frame.file}:${frame.line}`;
  }

  get side() {
    return this.figure.querySelector(".choices input:checked").value;
  }

  width(frame) {
    return frame[`${this.side}_total`];
  }

  begin(view) {
    this.view = view;
    view.addEventListener("click", (event, item) => {
      const frame = item?.datum && this.calls[item.datum.id];
      if (frame) this.zoom(frame);
    });
    this.find();
  }

  zoom(frame) {
    this.zoomed = frame;
    return this.update();
  }

  // What was zoomed to may not be there on the other side: then what calls it is shown.
  update() {
    while (this.width(this.zoomed) <= 0 && this.zoomed.parent !== null) this.zoomed = this.calls[this.zoomed.parent];
    const from = this.zoomed[`${this.side}_start`];
    this.figure.querySelector(".all").hidden = this.zoomed.parent === null;
    return this.view
      ?.signal("side", this.side)
      .signal("found", this.wanted ? this.matches.map((frame) => frame.id) : null)
      .signal("zoom_from", from)
      .signal("zoom_to", from + (this.width(this.zoomed) || 1))
      .runAsync();
  }

  get wanted() {
    return this.search.value.trim().toLowerCase();
  }

  // By its name, its file, or both as reports write them: shop.prices.discount.
  get matches() {
    if (!this.wanted) return [];
    const written = ({ name, file }) => `${name} ${file} ${file.replace(/\.py$/, "").replaceAll("/", ".")}.${name}`;
    const found = (frame) => written(frame).toLowerCase().includes(this.wanted);
    return this.calls.filter((frame) => this.width(frame) > 0 && found(frame));
  }

  find() {
    const matches = this.matches;
    const inside = new Set();
    let time = 0;
    for (const frame of this.calls) {
      const counted = inside.has(frame.parent);
      if (counted || matches.includes(frame)) inside.add(frame.id);
      if (!counted && inside.has(frame.id)) time += this.width(frame);
    }
    const share = ((time / this.width(this.calls[0])) * 100).toFixed(1);
    const places = `${matches.length} place${matches.length === 1 ? "" : "s"}`;
    this.said.textContent = this.wanted ? `${places}, ${share} % of ${this.side}` : "";
    this.next = 0;
    return this.update();
  }

  // Enter shows what was found, place by place, the widest first; Escape shows all again.
  press(event) {
    if (event.key === "Escape") {
      this.search.value = "";
      this.zoom(this.calls[0]);
      this.find();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const matches = this.matches.sort((one, other) => this.width(other) - this.width(one));
      if (!matches.length) return;
      const frame = matches[this.next % matches.length];
      this.said.textContent = `${(this.next % matches.length) + 1} of ${matches.length}: ${frame.name}, ${Flame.number(this.width(frame))} ms a request on ${this.side}`;
      this.next += 1;
      this.zoom(frame);
    }
  }

  // https://www.speedscope.app/file-format-schema.json
  file() {
    const known = new Map();
    const shared = [];
    const paths = [[]];
    for (const frame of this.calls.slice(1)) {
      const key = JSON.stringify([frame.name, frame.file]);
      if (!known.has(key)) {
        known.set(key, shared.length);
        const place = { ...(frame.file && { file: frame.file }), ...(frame.line !== null && { line: frame.line }) };
        shared.push({ name: frame.name, ...place });
      }
      paths.push([...paths[frame.parent], known.get(key)]);
    }
    const profile = (side) => {
      const seen = this.calls.filter((frame) => frame.id > 0 && frame[`${side}_own`] > 0);
      const weights = seen.map((frame) => frame[`${side}_own`]);
      const endValue = weights.reduce((sum, weight) => sum + weight, 0);
      const samples = seen.map((frame) => paths[frame.id]);
      return { type: "sampled", name: `${side}: ms a request`, unit: "milliseconds", startValue: 0, endValue, samples, weights };
    };
    return {
      $schema: "https://www.speedscope.app/file-format-schema.json",
      name: this.figure.dataset.file,
      exporter: "perfgate",
      activeProfileIndex: 0,
      shared: { frames: shared },
      profiles: [profile("head"), profile("base")],
    };
  }

  download() {
    const address = URL.createObjectURL(new Blob([JSON.stringify(this.file())], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: address, download: `${this.figure.dataset.file}.speedscope.json` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}


// The page of a scenario: the charts of the chosen statistic, zoomed together.
(() => {
  const { series } = perfgate;
  const REACH = 14; // pixels from the middle of a point
  const STILL = 3;
  const NEAR = 600; // pixels below the screen, in which charts are drawn before they are seen
  const STEP = 0.6;
  const SAID = [["commit", "commit"], ["date", "date"], ["expected", "expected"], ["testbed", "testbed"]];

  function tooltip(point, sanitize) {
    const rows = SAID.map(([field, name]) => `<tr><td class="key">${name}</td><td>${sanitize(point[field])}</td></tr>`);
    return `<h2>${sanitize(point.shown)}</h2><table>${rows.join("")}</table><p class="key">a click on the point shows the run</p>`;
  }

  const FIELDS = ["order", "value", "testbed", "part", "date", "commit", "shown", "expected"];

  // What a chart draws of a panel just now, as rows below FIELDS.
  function pointsOf(panel) {
    const rows = [];
    for (const [testbed, orders] of runsInView.shown(panel)) {
      const stretches = panel.stretches.filter(([machine]) => machine === testbed);
      let place = 0;
      for (const order of orders) {
        while (place + 1 < stretches.length && stretches[place + 1][1] <= order) place += 1;
        const [, first, part, said] = stretches[place];
        const expected = order < first ? "–" : said; // of older runs no level is known
        const value = panel.values[order - 1];
        const run = runAt(order);
        rows.push([order, value, run.machine, `${testbed} ${part}`, run.date, run.short, format.value(value, panel.unit), expected]);
      }
    }
    return { fields: FIELDS, rows };
  }

  class Series extends Frame {
    constructor(figure) {
      const options = {
        tooltip: { disableDefaultStyle: true, formatTooltip: tooltip },
        expressionFunctions: { day: (order) => (Number.isInteger(order) && order >= 1 && order <= series.count ? runAt(order).date.slice(0, 10) : "") },
      };
      super(figure, options, (view) => this.begin(view));
      this.panel = series.panels[Number(figure.id.replace("panel-", ""))];
      this.begun = false;
      this.place.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    }

    // Drawn with what is in view just now.
    draw(name) {
      const { datasets } = charts.panels[name];
      datasets.points = pointsOf(this.panel);
      datasets.chosen = { fields: ["order"], rows: [[oneRun.order]] };
      const { from, to } = runsInView.edges();
      charts.panels[name].params = [{ name: "from", value: from }, { name: "to", value: to }];
      return super.draw(name);
    }

    update() {
      if (!this.view || this.figure.hidden) return;
      cancelAnimationFrame(this.asked);
      this.asked = requestAnimationFrame(() => {
        const { from, to } = runsInView.edges();
        const points = unpacked(pointsOf(this.panel));
        this.chart.datasets.points = points;
        this.view.signal("from", from).signal("to", to).data("points", points).data("chosen", [{ order: oneRun.order }]).runAsync();
        this.refill();
      });
    }

    orderAt(event) {
      const box = this.place.querySelector("canvas").getBoundingClientRect();
      return this.view.scale("x").invert(event.clientX - box.left - this.view.origin()[0]);
    }

    wheel(event) {
      if (!this.view || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      runsInView.zoom(event.deltaY < 0 ? STEP : 1 / STEP, this.orderAt(event));
    }

    // The nearest point answers wherever the pointer is; its run is shown by a click on it, and not by a drag's end.
    begin(view) {
      this.view = view;
      let pressed = null;
      view.addEventListener("pointerdown", (event) => { pressed = { event, order: this.orderAt(event) }; });
      view.addEventListener("pointermove", (event) => {
        if (pressed && event.buttons && event.pointerType === "mouse") runsInView.move(pressed.order - this.orderAt(event));
      });
      view.addEventListener("dblclick", () => runsInView.all());
      view.addEventListener("click", (event, item) => {
        const point = item?.isVoronoi ? item.datum : item;
        if (!point?.datum?.run && !point?.datum?.order) return;
        if (!pressed || point.datum.value === undefined) return;
        const [left, top] = view.origin();
        const away = Math.hypot(event.offsetX - left - point.x, event.offsetY - top - point.y);
        const dragged = Math.hypot(event.clientX - pressed.event.clientX, event.clientY - pressed.event.clientY);
        if (away > REACH || dragged > STILL) return;
        oneRun.choose(point.datum.order, { reveal: false });
        document.querySelector(".run").scrollIntoView({ block: "nearest" });
      });
    }
  }

  const frames = [...document.querySelectorAll(".grid figure")].map((figure) => new Series(figure));
  const waiting = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      waiting.unobserve(target);
      frames.find((frame) => frame.figure === target).show(target.id);
    }
  }, { rootMargin: `${NEAR}px` });

  async function show() {
    const statistic = document.querySelector('.choices input[name="statistic"]:checked')?.value;
    const older = frames.filter((frame) => frame.shown); // drawn with what was in view then
    for (const frame of frames) frame.figure.hidden = frame.figure.dataset.statistic !== statistic;
    for (const { figure, place, shown } of frames) {
      waiting.unobserve(figure);
      if (figure.hidden) continue;
      if (shown || place.getBoundingClientRect().top < innerHeight) await frames.find((frame) => frame.figure === figure).show(figure.id);
      else waiting.observe(figure);
    }
    older.forEach((frame) => frame.update());
    document.body.dataset.ready = `${statistic} ${scheme()}`;
  }

  const view = document.querySelector(".view");
  function say() {
    const { first, last } = runsInView.edges();
    const shown = `${format.grouped(first)} to ${format.grouped(last)} of ${format.grouped(series.count)}`;
    view.textContent = `runs ${shown}, ${runAt(first).date.slice(0, 10)} to ${runAt(last).date.slice(0, 10)}`;
  }

  const width = () => runsInView.edges().to - runsInView.edges().from;
  const ACTIONS = {
    all: () => runsInView.all(),
    in: () => runsInView.zoom(STEP),
    out: () => runsInView.zoom(1 / STEP),
    earlier: () => runsInView.move(-width() / 2),
    later: () => runsInView.move(width() / 2),
  };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    const newest = Number(button.dataset.zoom);
    if (newest) button.hidden = newest >= series.count;
    button.addEventListener("click", () => (newest ? runsInView.newest(newest) : ACTIONS[button.dataset.zoom]()));
  }
  runsInView.onChange(() => { say(); frames.forEach((frame) => frame.update()); });
  oneRun.onChange(() => frames.forEach((frame) => frame.update()));
  document.querySelectorAll(".choices").forEach((choice) => choice.addEventListener("change", show));
  dark.addEventListener("change", async () => { await show(); await oneRun.times(); });
  addEventListener("hashchange", () => { const run = oneRun.ofAddress(); if (run) oneRun.choose(run); });

  (async () => {
    say();
    const wanted = oneRun.ofAddress();
    await show();
    await oneRun.choose(wanted ?? series.count, { reveal: wanted !== null });
    if (wanted) document.querySelector(".run").scrollIntoView();
    document.body.dataset.run = String(oneRun.order);
  })();
})();

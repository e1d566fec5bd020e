(() => {
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

  const options = { tooltip: { disableDefaultStyle: true, formatTooltip: tooltip } };
  const frames = [...document.querySelectorAll("figure")].map((figure) => new Frame(figure, options, openCommits));
  const chosen = (name) => document.querySelector(`.choices input[name="${name}"]:checked`)?.value;

  async function show() {
    const statistic = chosen("statistic");
    const axis = chosen("axis");
    const shown = frames.filter((frame) => frame.figure.dataset.statistic === statistic);
    for (const frame of frames) frame.figure.hidden = !shown.includes(frame);
    const nameOn = { order: (id) => id, time: (id) => `${id}-time` }[axis];
    for (const frame of shown) await frame.show(nameOn(frame.figure.id));
    document.body.dataset.ready = `${statistic} ${axis} ${scheme()}`;
  }

  document.querySelectorAll(".choices").forEach((choice) => choice.addEventListener("change", show));
  dark.addEventListener("change", show);
  show();
})();

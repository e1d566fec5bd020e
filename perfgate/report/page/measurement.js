(() => {
  const frames = [...document.querySelectorAll("figure")].map(
    (figure) => new (figure.classList.contains("flame") ? Flame : Frame)(figure),
  );

  function show(frame) {
    const chosen = frame.figure.querySelector("select");
    if (chosen) {
      const what = frame.figure.querySelector("h3").textContent;
      frame.place.setAttribute("aria-label", `${what}: ${chosen.selectedOptions[0].textContent}`);
    }
    return frame.show(chosen ? chosen.value : frame.figure.id);
  }

  async function showAll() {
    for (const frame of frames) await show(frame);
    document.body.dataset.ready = scheme();
  }

  for (const frame of frames) {
    frame.figure.querySelector("select")?.addEventListener("change", () => show(frame));
  }
  dark.addEventListener("change", showAll);
  showAll();
})();

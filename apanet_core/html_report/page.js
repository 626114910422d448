"use strict";
// The range input holds each slider's place and takes its keys. Mouse and finger set it from
// anywhere on the picture: some browsers move a range only when its thumb is touched.
for (const slider of document.querySelectorAll(".slider")) {
  const input = slider.querySelector("input");
  const place = (percent) => {
    slider.style.setProperty("--split", `${percent}%`);
    input.setAttribute("aria-valuetext", `${input.value} % ${input.dataset.before}`);
  };
  const follow = (event) => {
    const box = slider.getBoundingClientRect();
    const percent = Math.min(100, Math.max(0, ((event.clientX - box.left) / box.width) * 100));
    input.value = percent;
    place(percent);
  };
  input.addEventListener("input", () => place(input.value));
  slider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    input.focus({ preventScroll: true });
    slider.setPointerCapture(event.pointerId);
    follow(event);
  });
  slider.addEventListener("pointermove", (event) => {
    if (slider.hasPointerCapture(event.pointerId)) follow(event);
  });
  place(input.value);
}

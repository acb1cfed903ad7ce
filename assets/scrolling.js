// What is wider than its column says that it scrolls sideways, and takes the keyboard's focus to be scrolled.
function markScrolling() {
  const wideOnes = "div.math mjx-container, .pst-scrollable-table-container, .cell_output .text_html";
  for (const box of document.querySelectorAll(`.bd-article :is(${wideOnes})`)) {
    const wide = box.scrollWidth > box.clientWidth + 1;
    if (wide === box.classList.contains("scrolls")) continue;
    box.classList.toggle("scrolls", wide);
    if (wide) {
      box.tabIndex = 0;
      box.insertAdjacentHTML("afterend", '<span class="scroll-hint">scrolls sideways ⟷</span>');
    } else {
      box.nextElementSibling.remove();
    }
  }
}

addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  markScrolling();
  addEventListener("resize", markScrolling);
  document.addEventListener("toggle", markScrolling, true); // what lay in a fold
  document.addEventListener("uncovered", markScrolling); // or below a prediction
});

// A formula that is wider than its column says that it scrolls. MathJax gives every formula the keyboard's focus.
function markScrolling() {
  for (const formula of document.querySelectorAll("div.math mjx-container")) {
    const wide = formula.scrollWidth > formula.clientWidth + 1;
    if (wide === formula.classList.contains("scrolls")) continue;
    formula.classList.toggle("scrolls", wide);
    if (wide) {
      formula.tabIndex = 0;
      formula.insertAdjacentHTML("afterend", '<span class="scroll-hint">the formula scrolls sideways ⟷</span>');
    } else {
      formula.nextElementSibling.remove();
    }
  }
}

addEventListener("load", () => window.MathJax?.startup?.promise.then(() => {
  markScrolling();
  addEventListener("resize", markScrolling);
}));

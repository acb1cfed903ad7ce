// The strip shows the page's own link; a link into a closed fold opens it.
function showCurrent() {
  const strip = document.querySelector(".verdicts");
  const current = strip?.querySelector("[aria-current]");
  if (current) {
    const middle = current.getBoundingClientRect().left - strip.getBoundingClientRect().left + current.offsetWidth / 2;
    strip.scrollLeft += middle - strip.clientWidth / 2;
  }
}

function openFold(hash) {
  const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target?.scrollIntoView();
}

document.addEventListener("DOMContentLoaded", () => {
  showCurrent();
  if (document.querySelector("details :target")) openFold(location.hash);
  document.querySelectorAll('table.grid a[href^="#"]').forEach((link) =>
    link.addEventListener("click", () => setTimeout(() => openFold(link.hash))));
});

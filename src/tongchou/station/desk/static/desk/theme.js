/* Before anything is drawn: light or dark as the system has it, unless a choice was made. */
(function () {
  "use strict";
  var root = document.documentElement;
  if (root.dataset.themeChoice !== "auto") return;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function follow() { root.dataset.bsTheme = dark.matches ? "dark" : "light"; }
  dark.addEventListener("change", follow);
  follow();
})();

/* Keyboard, choosing of rows, suggestions of places. Every page works without it. */
(function () {
  "use strict";
  var at = -1;

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("tr[data-row], .hits li, .inbox li")); }
  function typing(target) { return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"); }

  function move(step) {
    var all = rows();
    if (!all.length) return;
    if (all[at]) all[at].classList.remove("at");
    at = Math.max(0, Math.min(all.length - 1, at + step));
    all[at].classList.add("at");
    var link = all[at].querySelector("a");
    if (link) link.focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  }

  function press(selector) { var found = document.querySelector(selector); if (found) found.click(); return !!found; }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    if (document.querySelector("dialog[open]")) return;
    var all = rows();
    switch (event.key) {
      case "/": { var find = document.getElementById("list-find") || document.getElementById("find"); if (find) { find.focus(); find.select(); event.preventDefault(); } break; }
      case "j": move(1); break;
      case "k": move(at < 0 ? 1 : -1); break;
      case "Enter": {
        if (event.target !== document.body && event.target.closest("a, button, summary")) break;
        var link = all[at] && all[at].querySelector("a"); if (link) link.click(); break;
      }
      case "x": { var box = all[at] && all[at].querySelector("input[name=row]"); if (box) { box.click(); } break; }
      case "n": press(".pager a[rel=next]"); break;
      case "p": press(".pager a[rel=prev]"); break;
      case "g": window.location.assign("/"); break;
      case "?": { var keys = document.getElementById("keys"); if (keys) { keys.showModal(); event.preventDefault(); } break; }
    }
  });

  function countChosen(form) {
    var said = form.querySelector(".chosen");
    if (!said) return;
    var n = form.querySelectorAll("input[name=row]:checked").length;
    said.textContent = n ? said.dataset.some.replace("#", String(n)) : said.dataset.none;
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest(".rows-form");
    if (!form) return;
    if (event.target.matches("[data-pick-all]")) {
      form.querySelectorAll("input[name=row]").forEach(function (box) { box.checked = event.target.checked; });
    }
    countChosen(form);
  });

  document.addEventListener("input", function (event) {
    var field = event.target;
    if (!field.matches("[data-places]") || field.value.length < 1) return;
    window.clearTimeout(field.waiting);
    field.waiting = window.setTimeout(function () {
      var asked = field.value;
      fetch(field.dataset.places + "?q=" + encodeURIComponent(asked), { headers: { Accept: "application/json" } })
        .then(function (answer) { return answer.ok ? answer.json() : { places: [] }; })
        .then(function (found) {
          if (field.value !== asked) return; /* a late answer to what stands there no more */
          var list = document.getElementById(field.getAttribute("list"));
          var chinese = document.documentElement.classList.contains("lang-zh");
          list.replaceChildren.apply(list, found.places.map(function (p) {
            var option = document.createElement("option");
            option.value = p[0] + " " + (chinese ? p[1] : p[2]);
            return option;
          }));
        });
    }, 200);
  });

  /* A view is saved as the address stands now, which filters may have changed since the page came. */
  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-keep-query]")) event.target.action = window.location.pathname + window.location.search;
    if (event.target.matches("form.filters")) event.target.querySelectorAll("input, select").forEach(function (f) { if (!f.value) f.disabled = true; });
  });
  document.addEventListener("htmx:configRequest", function (event) {
    if (!event.target.matches("form.filters")) return;
    var given = event.detail.parameters;
    Object.keys(given).forEach(function (key) { if (given[key] === "") delete given[key]; });
  });
  document.addEventListener("htmx:afterSwap", function () { at = -1; });

  /* Groups of the navigation stay folded as they were left; a phone begins with the rows, not the filters. */
  var folded = JSON.parse(window.localStorage.getItem("folded") || "[]");
  document.querySelectorAll("[data-fold]").forEach(function (group) {
    if (folded.indexOf(group.dataset.fold) >= 0 && !group.querySelector("[aria-current]")) group.open = false;
    group.querySelector("summary").addEventListener("click", function () {
      folded = folded.filter(function (name) { return name !== group.dataset.fold; });
      if (group.open) folded.push(group.dataset.fold);
      window.localStorage.setItem("folded", JSON.stringify(folded));
    });
  });
  var here = document.querySelector(".nav-body [aria-current]");
  if (here && here.offsetTop > window.innerHeight - 90) here.closest(".nav-side").scrollTop = here.offsetTop - window.innerHeight / 2;
  var fold = document.querySelector(".fold:not([data-in-use])");
  if (fold && window.matchMedia("(max-width: 575.98px)").matches) fold.open = false;

  var wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();
})();

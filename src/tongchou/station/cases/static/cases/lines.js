/* Line entry: paste a table into any cell, move with the arrows, add lines. The page works without it. */
(function () {
  "use strict";
  var table = document.querySelector("table.grid");
  if (!table) return;
  var form = document.getElementById("lines-form");
  var most = Number(table.dataset.most);

  function lines() { return Array.prototype.slice.call(table.querySelectorAll("tr[data-line]")); }
  function cells(line) { return Array.prototype.slice.call(line.querySelectorAll("input")); }

  function addLine() {
    var all = lines(), last = all[all.length - 1], n = all.length;
    if (n >= most) return null;
    var line = last.cloneNode(true);
    line.querySelector(".n").textContent = String(n + 1);
    line.querySelectorAll("td").forEach(function (td) { td.classList.remove("wrong"); });
    cells(line).forEach(function (input) {
      input.value = "";
      input.name = input.id = input.name.replace(/^r\d+-/, "r" + n + "-");
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, String(n + 1)));
    });
    table.tBodies[0].appendChild(line);
    form.elements.lines.value = String(n + 1);
    return line;
  }

  var button = document.querySelector("[data-add-lines]");
  button.hidden = false;
  button.addEventListener("click", function () {
    var first = null;
    for (var i = 0; i < 5; i++) { var made = addLine(); first = first || made; }
    if (first) cells(first)[0].focus();
  });

  table.addEventListener("paste", function (event) {
    var text = event.clipboardData.getData("text/plain");
    if (text.indexOf("\t") < 0 && text.trim().indexOf("\n") < 0) return;
    event.preventDefault();
    var all = lines(), row = all.indexOf(event.target.closest("tr")), column = cells(all[row]).indexOf(event.target);
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach(function (typed, i) {
      var line = lines()[row + i] || addLine();
      if (!line) return;
      var inputs = cells(line);
      typed.split("\t").forEach(function (value, j) { if (inputs[column + j]) inputs[column + j].value = value.trim(); });
    });
  });

  table.addEventListener("keydown", function (event) {
    if (event.isComposing || !event.target.matches("input")) return;
    var step = event.key === "ArrowDown" || event.key === "Enter" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step || (event.target.list && event.key !== "Enter" && event.target.value)) return;
    var all = lines(), row = all.indexOf(event.target.closest("tr")), column = cells(all[row]).indexOf(event.target);
    var line = all[row + step] || (step > 0 && event.key === "Enter" ? addLine() : null);
    if (line) { cells(line)[column].focus(); event.preventDefault(); }
  });
})();

// Sorting of annex tables, light and dark, print. Everything reads without it.
(() => {
  "use strict";
  const label = document.body.dataset.sort;

  const key = (cell) => {
    const text = cell.textContent.trim();
    if (text === "–" || text === "") return null;
    const number = Number(text.replace(/[,%<]/g, "").replace("−", "-"));
    return Number.isNaN(number) ? text : number;
  };

  const compare = (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), document.documentElement.lang);
  };

  const sort = (table, column, heads) => {
    const down = heads[column].getAttribute("aria-sort") === "ascending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row, i) => ({ row, i, value: key(row.cells[column]) }));
    rows.sort((a, b) => {
      if (a.value === null || b.value === null) return compare(a.value, b.value) || a.i - b.i;
      return (down ? -1 : 1) * compare(a.value, b.value) || a.i - b.i;
    });
    body.append(...rows.map((entry) => entry.row));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = head.textContent;
      button.title = label + head.textContent;
      button.addEventListener("click", () => sort(table, column, heads));
      head.replaceChildren(button);
    });
  }

  const theme = document.getElementById("theme");
  if (theme) {
    theme.hidden = false;
    theme.addEventListener("click", () => {
      const root = document.documentElement;
      const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    });
  }
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  // A number leads to its rows: open them on arrival.
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const rows = target && target.querySelector("details");
    if (rows) rows.open = true;
    if (target && target.tabIndex === -1) target.focus({ preventScroll: true });
  };
  window.addEventListener("hashchange", open);
  open();
})();

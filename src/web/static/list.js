// Makes the work list quicker by keyboard; everything works without it. In the list: j and k go to the next and the
// previous row, x chooses it, o opens it, / goes to the search. The box in the head chooses the whole page.
const list = document.getElementById("list");
if (list) {
  const boxes = [...list.querySelectorAll("tbody input[type=checkbox]")];
  const all = document.getElementById("all");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const at = boxes.indexOf(document.activeElement);
    const row = at < 0 ? null : boxes[at].closest("tr");
    if (event.key === "j" || event.key === "k") {
      const next = at < 0 ? 0 : at + (event.key === "j" ? 1 : -1);
      boxes[Math.max(0, Math.min(boxes.length - 1, next))].focus();
    } else if (event.key === "x" && row) {
      boxes[at].checked = !boxes[at].checked;
    } else if (event.key === "o" && row) {
      row.querySelector("a")?.click();
    } else if (event.key === "/") {
      document.getElementById("search")?.focus();
    } else return;
    event.preventDefault();
  });
}

// Cells of tables that say that a number is missing.

const NO_NUMBER = new Set(["", "na", "n/a", "<na>", "#n/a", "#nv", "#n/d", "nan", "null", "none", "?", "."]);

/** Whether a cell is empty or says that a number is missing. */
function lacksNumber(cell) {
  return NO_NUMBER.has(cell.trim().toLowerCase());
}

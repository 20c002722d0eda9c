// Fields for the columns beside a text, and what each adds to the answer.

class CellsView {
  /** @param changed is called when a field changes */
  constructor(model, changed) {
    this.model = model;
    this.reader = model.rows;
    const known = categoriesOf(model.description.model);
    this.fields = this.reader.names.map((name, i) => {
      const id = `cell-${i}`, ofNumbers = i < this.reader.numeric.length, input = element("input", { id, autocomplete: "off" });
      if (ofNumbers) input.inputMode = "decimal";
      else input.setAttribute("list", `${id}-known`);
      input.addEventListener("input", changed);
      const adds = element("span", { class: "number" }), names = known[i - this.reader.numeric.length] ?? [];
      const options = ofNumbers ? [] : [element("datalist", { id: `${id}-known` }, ...names.map((one) => element("option", { value: one })))];
      byId("cells").append(element("p", {}, element("label", { for: id }, element("bdi", {}, name)), " ", input, ...options, " ", adds));
      return { name, input, adds, missing: ofNumbers ? NaN : "" };
    });
    byId("cells").hidden = false;
  }

  /** Put the cells of an example into the fields. */
  show(cells) {
    this.fields.forEach(({ input }, i) => (input.value = Number.isNaN(cells[i]) ? "" : cells[i]));
  }

  /** The cells as they are in the fields. */
  cells() {
    return this.reader.read(Object.fromEntries(this.fields.map(({ name, input }) => [name, input.value]))).cells;
  }

  /** Beside each field, how much the answer falls when its cell is missing; `height` is that of outputs. */
  explain({ text, cells }, height) {
    const whole = height(this.model.outputs({ text, cells }));
    this.fields.forEach(({ adds, missing }, i) => {
      const without = height(this.model.outputs({ text, cells: cells.with(i, missing) }));
      adds.textContent = signed(whole - without, this.model.answers.scale);
    });
  }
}

/** The categories that some part of a model knows, of each column. */
function categoriesOf(node) {
  const found = [];
  const visit = (one) => {
    one.columns?.categories.forEach(({ names }, i) => (found[i] = [...new Set([...(found[i] ?? []), ...names])].filter(Boolean)));
    one.parts?.forEach(visit);
  };
  visit(node);
  return found;
}

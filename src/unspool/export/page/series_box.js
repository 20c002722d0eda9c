// A box for a series as CSV, pasted, dropped or one of the golden examples. Views say what `answer` shows of it.

class SeriesBox {
  constructor(model) {
    const { reader, golden } = model.description;
    this.model = model;
    this.names = reader.channels.map((name) => name.trim());
    this.table = reader.table;
    this.box = byId("series");
    this.shown = 0;
    this.count = golden.labels.length;
    this.box.addEventListener("input", latest(() => this.answer()));
    byId("another").addEventListener("click", () => this.choose(this.shown + 1));
    takeFiles(byId("file"), async (file) => {
      this.box.value = await file.text();
      this.answer();
    });
  }

  /** Put a golden example into the box. */
  choose(number) {
    this.shown = number % this.count;
    this.box.value = csvOf(this.model.golden(this.shown), this.names);
    this.answer();
  }
}

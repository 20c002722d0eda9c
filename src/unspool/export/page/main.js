// Starts the page: reads the model, shows it, and checks it.

function showCheck(found) {
  const badge = byId("check");
  const words = `${found.agree} of ${found.count} golden examples agree, largest difference ${found.largest ? found.largest.toExponential(0) : 0}`;
  badge.textContent = found.passed ? `Checked in this browser: ${words}` : `Check failed: ${words}`;
  badge.classList.add(found.passed ? "passed" : "failed");
  if (!found.passed) loud(`Do not trust this page: in this browser the model does not answer as it did in training (${words}).`);
}

function loud(words) {
  byId("loud").textContent = words;
  byId("loud").hidden = false;
}

function viewOf(model) {
  if (model.translator) return model.translator.series ? CaptionView : TranslationView;
  if (model.forecaster) return ForecastView;
  if (model.upscaler) return UpscalingView;
  if (model.tags) return model.readsTexts ? TagsView : StepsView;
  if (model.kind === "autoencoder") return LatentView;
  return model.readsTexts ? TextView : SeriesView;
}

async function start() {
  try {
    const model = await loadModel((name) => byId(name).textContent);
    new (viewOf(model))(model);
    await new Promise((go) => setTimeout(go, 50)); // first what a person waits for
    showCheck(await inTurns(model.checking()));
  } catch (error) {
    byId("check").textContent = "Check failed";
    byId("check").classList.add("failed");
    loud(`The model in this page cannot be shown: ${error.message}`);
    console.error(error);
  }
}

start();

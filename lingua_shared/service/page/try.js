"use strict";
const at = (id) => document.getElementById(id);
const say = (text, wrong) => { at("status").textContent = text; at("status").className = wrong ? "wrong" : ""; };

at("rate").addEventListener("input", () => { at("rate-shown").textContent = at("rate").value; });

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  say("Compressing …", false);
  const headers = { "content-type": "application/json" };
  if (at("key").value) headers["x-lingua-key"] = at("key").value;
  const passages = at("passages").value.split(/^---[ \t]*$/m).map((text) => text.trim()).filter(Boolean);
  const body = { passages, question: at("question").value, options: { rate: at("rate").value / 100 }, report: true };
  try {
    const answer = await fetch("/v1/compress", { method: "POST", headers, body: JSON.stringify(body) });
    const made = await answer.json();
    if (!answer.ok) throw new Error(made.error ? made.error.message : answer.statusText);
    at("text").textContent = made.text;
    at("report").srcdoc = made.report;
    at("answer").hidden = false;
    const share = (100 * made.rate).toFixed(1);
    say(`${made.compressed_tokens} of ${made.original_tokens} tokens are left (${share} %), chosen by ${made.method}.`, false);
  } catch (error) {
    at("answer").hidden = true;
    say(String(error.message || error), true);
  } finally {
    button.disabled = false;
  }
});

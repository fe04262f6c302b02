/** The controls for fault injection. */
import { api } from "../api.js";
import { byId, h } from "../dom.js";
import { t } from "../i18n.js";
import { showTab } from "./pane.js";

const GROUPS = [
  { group: "webhook", faults: ["delay_ms", "drop", "duplicate", "reorder"] },
  { group: "api", faults: ["delay_ms", "rate_429", "rate_500", "timeout"] },
];
const LONGEST_DELAY = 5000;

let faults = null;
const controls = [];

export function startFaults() {
  const panel = byId("panel-faults");
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const reset = h(
    "button",
    {
      type: "button",
      class: "button",
      onclick: () => change(trouble, api.resetFaults, () => load(trouble)),
    },
    t("faultsReset"),
  );
  panel.append(
    h("p", null, t("faultsAbout")),
    trouble,
    ...GROUPS.map((each) => groupElement(each, trouble)),
    h("div", { class: "pane-foot" }, reset),
  );
  byId("fault-warning").addEventListener("click", () => showTab("faults"));
  addEventListener("focus", () => load(trouble));
  void load(trouble);
}

async function load(trouble) {
  await change(trouble, api.faults, take);
}

function take(answer) {
  faults = answer;
  for (const draw of controls) draw();
  byId("fault-warning").hidden = !Object.values(faults).some((group) =>
    Object.values(group).some((value) => value > 0),
  );
}

async function change(trouble, call, then) {
  try {
    then(await call());
    trouble.hidden = true;
  } catch (error) {
    trouble.hidden = false;
    trouble.textContent = error.message;
  }
}

function groupElement({ group, faults: names }, trouble) {
  return h(
    "fieldset",
    { class: "faults" },
    h("legend", null, t(`faults_${group}`)),
    names.map((name) => faultElement(group, name, trouble)),
  );
}

function faultElement(group, name, trouble) {
  const isDelay = name === "delay_ms";
  const id = `fault-${group}-${name}`;
  const value = h("output", { class: "fault-value", for: id });
  const slider = h("input", {
    id,
    type: "range",
    min: 0,
    max: isDelay ? LONGEST_DELAY : 100,
    step: isDelay ? 100 : 5,
    value: 0,
    "aria-describedby": `${id}-about`,
  });
  const currentValue = () => (isDelay ? Number(slider.value) : Number(slider.value) / 100);
  const label = () => {
    const text = isDelay ? t("ms", { count: slider.value }) : `${slider.value} %`;
    value.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    row.classList.toggle("is-on", Number(slider.value) > 0);
  };
  const save = () => {
    const changed = { ...faults, [group]: { ...faults?.[group], [name]: currentValue() } };
    return change(
      trouble,
      () => api.setFaults(changed),
      (answer) => take(answer ?? changed),
    );
  };
  const row = h(
    "div",
    { class: "fault" },
    h("label", { htmlFor: id }, t(`fault_${name}`), value),
    slider,
    h("p", { class: "quiet", id: `${id}-about` }, t(`fault_${group}_${name}_about`)),
  );
  slider.addEventListener("input", label);
  slider.addEventListener("change", save);
  controls.push(() => {
    slider.value = isDelay ? faults[group][name] : faults[group][name] * 100;
    label();
  });
  label();
  return row;
}

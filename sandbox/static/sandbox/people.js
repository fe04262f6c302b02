/** Avatars, and the person whom this window acts as. */
import { h, icon } from "./dom.js";
import { localAddress } from "./api.js";

const TONES = 8;

export const nameOf = (user) =>
  [user.first_name, user.last_name].filter(Boolean).join(" ") || user.name || user.nickname || "";

const initials = (name) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join("");

/** @param {{id: number, name: string, bot?: boolean, image_url?: string | null}} who */
export function avatar(who, size = "") {
  const shape = `avatar tone-${Math.abs(who.id ?? 0) % TONES} ${who.bot ? "square" : ""} ${size}`;
  const picture = ownPicture(who.image_url);
  if (picture)
    return h("span", { class: shape, "aria-hidden": "true" }, h("img", { src: picture, alt: "" }));
  return h(
    "span",
    { class: shape, "aria-hidden": "true" },
    who.bot ? icon("bot") : initials(who.name ?? "") || "?",
  );
}

/** The content security policy allows images of this site only. */
function ownPicture(address) {
  if (!address) return null;
  const local = localAddress(address);
  return new URL(local, location.href).origin === location.origin ? local : null;
}

const STORAGE_KEY = "sandbox.person";

/** The person in `?person=`, else the last choice in this browser, else the first person. */
export function chosenPerson(people) {
  const asked = new URLSearchParams(location.search).get("person") ?? localStorage.getItem(STORAGE_KEY);
  return people.find((person) => String(person.id) === asked) ?? people[0];
}

export function becomePerson(person) {
  localStorage.setItem(STORAGE_KEY, person.id);
  location.assign(`?person=${person.id}`);
}

export const openBeside = (person) => open(`?person=${person.id}`, "_blank", "noopener");

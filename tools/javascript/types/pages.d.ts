/**
 * What the pages rely on and TypeScript cannot see: the templates decide which element a selector
 * finds, and scripts that are not modules define some names.
 */

interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface NonElementParentNode {
  getElementById(id: string): any;
}

interface Document {
  getElementById(id: string): any;
}

interface Element {
  closest(selectors: string): any;
}

/** The events that the pages handle by delegation have an element as their target. */
interface EventTarget {
  closest(selectors: string): any;
}

interface DocumentEventMap {
  /** htmx has added this element to the page. */
  "htmx:load": Event & { target: Element };
}

interface HTMLElementEventMap {
  "htmx:afterRequest": CustomEvent<{ xhr: XMLHttpRequest }>;
}

/** Chart.js, which the admin site loads. */
declare const Chart: any;

/** vendor/htmx-2.0.10.min.js */
declare const htmx: any;

/** drf-spectacular-sidecar's Swagger UI */
declare const SwaggerUIBundle: any;

/** The scripts of allauth for passkeys. */
declare var allauth: any;

"use strict";
{
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const exhibits = Array.from(document.querySelectorAll("[data-haystack]"));
  const sections = Array.from(document.querySelectorAll("main > section")).filter((section) => section.querySelector("[data-haystack]"));
  const folded = new Set(document.querySelectorAll(".section:not([open])"));

  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let matching = 0;
    for (const exhibit of exhibits) {
      const haystack = exhibit.dataset.haystack.toLowerCase();
      exhibit.hidden = !words.every((word) => haystack.includes(word));
      matching += exhibit.hidden ? 0 : 1;
    }
    for (const section of sections) {
      section.hidden = !section.querySelector("[data-haystack]:not([hidden])");
      const details = section.querySelector(".section");
      const place = details.querySelector(":scope > div");
      document.querySelector(`nav a[href="#${place.id}"]`).parentElement.hidden = section.hidden;
      // What is looked for is shown; with nothing to look for, sections are as they were written.
      details.open = words.length > 0 || !folded.has(details);
    }
    count.textContent = words.length ? `${matching} of ${exhibits.length} shown` : "";
  };

  filter.addEventListener("input", apply);
  // Without scripts there is nothing that would filter.
  filter.closest("[role=search]").hidden = false;
  // A page that is loaded again keeps what was typed.
  apply();
}

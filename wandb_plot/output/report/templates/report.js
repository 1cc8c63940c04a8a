"use strict";
{
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const exhibits = Array.from(document.querySelectorAll("[data-haystack]"));
  const sections = Array.from(document.querySelectorAll("main > section")).filter((section) => section.querySelector("[data-haystack]"));

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
      document.querySelector(`nav a[href="#${section.id}"]`).parentElement.hidden = section.hidden;
    }
    count.textContent = words.length ? `${matching} of ${exhibits.length} shown` : "";
  };

  filter.addEventListener("input", apply);
  // Without scripts there is nothing that would filter.
  filter.closest("[role=search]").hidden = false;
  // A page that is loaded again keeps what was typed.
  apply();
}

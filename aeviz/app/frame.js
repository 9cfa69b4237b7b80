// What the page's frame does in the browser beside Streamlit's own: set up once for a tab, by whichever page comes first.

(() => {
  const page = /** @type {{ aevizFrame?: boolean }} */ (globalThis);
  if (page.aevizFrame) return;
  page.aevizFrame = true;

  // Streamlit's link «Skip to main content» leads to an element that holds our navigation too: here it leads to the heading.
  /** @param {MouseEvent} event */
  const skip = (event) => {
    const heading = document.querySelector(".aeviz-title h1");
    const link = event.target instanceof Element && event.target.closest("[data-testid=stSkipToContent]");
    if (!link || !(heading instanceof HTMLElement)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    heading.tabIndex = -1;
    heading.focus();
  };
  addEventListener("click", skip, { capture: true });

  // Parts and charts are drawn for the width of the page: the paper takes that, and the printer scales it. (A sheet of
  // A4 is √2 as high as wide.) What has no colours for paper is told that the theme is dark.
  const paper = document.createElement("style");
  const print = () => {
    const app = document.querySelector("[data-testid=stApp]");
    const width = document.querySelector("[data-testid=stMain]")?.clientWidth ?? innerWidth;
    paper.textContent = `@page { size: ${width}px ${Math.round(width * Math.SQRT2)}px; margin: 24px 0; }`;
    document.head.append(paper);
    app?.toggleAttribute("data-aeviz-dark", getComputedStyle(app).colorScheme === "dark");
  };
  addEventListener("beforeprint", print);
})();
